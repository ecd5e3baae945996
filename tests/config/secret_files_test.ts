/** Secrets from files: where a value came from, what is refused, and that no error shows a path or a value. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError, configFrom, VARIABLES } from "../../src/config/config.ts";
import { SECRETS } from "../../src/config/environment.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";

const TOKEN_SECRET = "the secret of the founding fathers";
const OLD_SECRETS = ["an earlier secret, which has 32 bytes", "and one of the year before, as long"] as const;
const KEY = "a-key-of-the-backend";
const WEBHOOK_SECRET = `whsec_${"A".repeat(32)}`;
const VAPID_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"; // of RFC 8291, appendix A

/** A folder of files that have these texts. */
class Files implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(texts: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Files> {
    const files = new Files(await Deno.makeTempDir());
    for (const [name, text] of Object.entries(texts)) {
      await Deno.writeFile(
        files.path(name),
        typeof text === "string" ? new TextEncoder().encode(text) : text,
      );
    }
    return files;
  }

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The lines of the error that the environment causes. */
function errorLines(environment: Record<string, string>): string[] {
  return assertThrows(() => configFrom(environment), ConfigError).message.split("\n");
}

/** A value for each variable that can be a secret, with what a file may have around it. */
const TEXTS: Readonly<Record<string, string>> = {
  TIDINGS_PUBLISHER_KEYS: `${KEY},\nanother-key-of-the-backend\n`,
  TIDINGS_SCOPED_KEYS: "grafana:read:the-key-of-grafana\r\nbilling:publish+tokens:the-key-of-billing\n\n",
  TIDINGS_TOKEN_SECRET: `${TOKEN_SECRET}\n`,
  TIDINGS_TOKEN_SECRETS_OLD: `${OLD_SECRETS.join("\n")}\n`,
  TIDINGS_JOURNAL: "nats://hamilton:secret@a/\n",
  TIDINGS_QUEUE: " nats://hamilton:secret@a/ ",
  TIDINGS_OUTBOX: "postgres://hamilton:secret@a/bank\n",
  TIDINGS_MESSAGE_WEBHOOK_SECRET: `\ufeff${WEBHOOK_SECRET}\n`,
  TIDINGS_MESSAGE_WEBHOOK_SECRETS_OLD: `whsec_${"B".repeat(32)}\nwhsec_${"C".repeat(32)}\n`,
  TIDINGS_PRESENCE_WEBHOOK_SECRET: `${WEBHOOK_SECRET}\n`,
  TIDINGS_PRESENCE_WEBHOOK_SECRETS_OLD: `whsec_${"D".repeat(32)}\n`,
  TIDINGS_VAPID_PRIVATE_KEY: `${VAPID_KEY}\n`,
};
const OTHERS = {
  TIDINGS_MESSAGE_WEBHOOK_URL: "https://app.example/",
  TIDINGS_PRESENCE_WEBHOOK_URL: "https://app.example/",
  TIDINGS_VAPID_SUBJECT: "mailto:hamilton@treasury.example",
};

Deno.test("configFrom reads every secret from a file, as if it were in its variable", async () => {
  assertEquals(Object.keys(TEXTS), SECRETS);
  await using files = await Files.create(TEXTS);
  const paths = SECRETS.map((name) => [`${name}_FILE`, files.path(name)]);
  const config = configFrom({ ...OTHERS, ...Object.fromEntries(paths) });
  assertEquals(config, configFrom({ ...OTHERS, ...TEXTS }));
  assertEquals(config.publisherKeys.map(({ name }) => name), ["key-1", "key-2", "grafana", "billing"]);
  assertEquals(config.tokens.oldSecrets, OLD_SECRETS);
  assertEquals([config.messageWebhook?.secrets.length, config.presenceWebhook?.secrets.length], [3, 2]);
  for (const name of SECRETS) assert(VARIABLES.includes(`${name}_FILE`), name);
});

Deno.test("configFrom is not in development mode if a secret comes from a file", async () => {
  await using files = await Files.create({ secret: TOKEN_SECRET });
  assertEquals(errorLines({ TIDINGS_TOKEN_SECRET_FILE: files.path("secret") }), [
    "Set both publisher keys and token verification, or neither for development mode.",
    "TIDINGS_PUBLISHER_KEYS or TIDINGS_SCOPED_KEYS: not set",
  ]);
});

Deno.test("configFrom refuses an empty file, and does not take the secret as not set", async () => {
  await using files = await Files.create({ empty: " \n" });
  assertEquals(
    errorLines({
      TIDINGS_TOKEN_SECRET_FILE: files.path("empty"),
      TIDINGS_SCOPED_KEYS_FILE: files.path("empty"),
    }),
    [
      "TIDINGS_SCOPED_KEYS_FILE, item 1: expected NAME:SCOPE[+SCOPE]:KEY",
      "TIDINGS_TOKEN_SECRET_FILE: expected at least 32 bytes (RFC 7518, section 3.2)",
    ],
  );
});

Deno.test("configFrom accepts empty files of earlier secrets, because there may be none", async () => {
  await using files = await Files.create({ empty: "" });
  const config = configFrom({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
    TIDINGS_TOKEN_SECRETS_OLD_FILE: files.path("empty"),
    TIDINGS_MESSAGE_WEBHOOK_SECRETS_OLD_FILE: files.path("empty"),
  });
  assertEquals([config.tokens.oldSecrets, config.messageWebhook], [[], null]);
});

Deno.test("configFrom refuses a variable together with that of its file, unless one of them is empty", async () => {
  await using files = await Files.create({ secret: TOKEN_SECRET });
  const environment = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET_FILE: files.path("secret") };
  assertEquals(errorLines({ ...environment, TIDINGS_TOKEN_SECRET: "s".repeat(32) }), [
    "TIDINGS_TOKEN_SECRET, TIDINGS_TOKEN_SECRET_FILE: only one of them may be set",
  ]);
  assertEquals(configFrom({ ...environment, TIDINGS_TOKEN_SECRET: "" }).tokens.secret, TOKEN_SECRET);
  const variable = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: TOKEN_SECRET };
  assertEquals(configFrom({ ...variable, TIDINGS_TOKEN_SECRET_FILE: " " }).tokens.secret, TOKEN_SECRET);
});

Deno.test("configFrom names the variable of a file that cannot be read, with the reason and without the path", async () => {
  await using files = await Files.create({ bytes: new Uint8Array([0xff, 0xfe, 0x41]) });
  const lines = errorLines({
    TIDINGS_PUBLISHER_KEYS_FILE: "hunter2",
    TIDINGS_TOKEN_SECRET_FILE: files.folder,
    TIDINGS_SCOPED_KEYS_FILE: files.path("bytes"),
  });
  assertEquals(lines, [
    "TIDINGS_PUBLISHER_KEYS_FILE: cannot be read: No such file or directory (os error 2)",
    "TIDINGS_SCOPED_KEYS_FILE: cannot be read: it is not UTF-8",
    "TIDINGS_TOKEN_SECRET_FILE: cannot be read: Is a directory (os error 21)",
  ]);
});

Deno.test("configFrom refuses the file of a variable that is no secret, and misspelled names", () => {
  assertEquals(errorLines({ TIDINGS_LOG_LEVEL_FILE: "x", TIDINGS_TOKEN_SECRETS_OLD_FILES: "y" }), [
    "TIDINGS_LOG_LEVEL_FILE: there is no such variable; did you mean TIDINGS_LOG_LEVEL?",
    "TIDINGS_TOKEN_SECRETS_OLD_FILES: there is no such variable; did you mean TIDINGS_TOKEN_SECRETS_OLD_FILE?",
  ]);
});

Deno.test("The process reads secrets through the links with which Kubernetes mounts them", async () => {
  await using files = await Files.create();
  await Deno.mkdir(files.path("..2026"));
  await Deno.writeTextFile(files.path("..2026/keys"), `grafana:read:${KEY}\n`);
  await Deno.writeTextFile(files.path("..2026/token"), `${TOKEN_SECRET}\n`);
  await Deno.symlink("..2026", files.path("..data"));
  for (const name of ["keys", "token"]) await Deno.symlink(`..data/${name}`, files.path(name));
  await using service = await ServiceProcess.start({
    TIDINGS_SCOPED_KEYS_FILE: files.path("keys"),
    TIDINGS_TOKEN_SECRET_FILE: files.path("token"),
  }, { folder: files.folder });
  const response = await fetch(`${service.url}/v1/key`, { headers: { authorization: `Bearer ${KEY}` } });
  assertEquals(await response.json(), { name: "grafana", scopes: ["read"] });
});

Deno.test("The process refuses a file where it may not read, and says what to do", async () => {
  await using files = await Files.create({ keys: KEY });
  await using service = new ServiceProcess({
    TIDINGS_PUBLISHER_KEYS_FILE: files.path("keys"),
    TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
  });
  assertEquals(await service.exited(), 2);
  assertEquals(
    service.output.trim(),
    "Tidings cannot start.\nTIDINGS_PUBLISHER_KEYS_FILE: the process may not read it: " +
      "put the file into /run/secrets or data, or add its folder to --allow-read",
  );
});

Deno.test("The process finds the variables of files also if it cannot list all variables", async () => {
  await using service = new ServiceProcess({ TIDINGS_TOKEN_SECRET_FILE: "/run/secrets/no such file" }, {
    allowEnv: VARIABLES.join(),
  });
  assertEquals(await service.exited(), 2);
  assert(service.output.includes("TIDINGS_TOKEN_SECRET_FILE: cannot be read: No such file"), service.output);
});
