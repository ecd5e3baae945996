/** configFrom: the resolved configuration, and the errors that stop the start. */

import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { SCOPES } from "../../src/wire/principal.ts";
import { ConfigError, configFrom, VARIABLES } from "../../src/config/config.ts";

const SECRET = "the secret of the founding fathers";
const WEBHOOK_SECRET = `whsec_${"A".repeat(32)}`;
const VAPID = {
  TIDINGS_VAPID_PRIVATE_KEY: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", // of RFC 8291, appendix A
  TIDINGS_VAPID_SUBJECT: "mailto:hamilton@treasury.example",
};
const LONG_KEY = "a key of sixteen".replaceAll(" ", "-");
const KEYS = { TIDINGS_PUBLISHER_KEYS: "key" };
const SECRETS = { ...KEYS, TIDINGS_TOKEN_SECRET: SECRET };

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The lines of the error that the environment causes. */
function errorLines(environment: Record<string, string>): string[] {
  return assertThrows(() => configFrom(environment), ConfigError).message.split("\n");
}

Deno.test("configFrom resolves an empty environment to development mode on loopback", () => {
  const { tokens, push, ...config } = configFrom({});
  assertEquals<unknown>(config, {
    host: "127.0.0.1",
    port: 8_000,
    admin: null,
    development: true,
    publisherKeys: [],
    allowedOrigins: null,
    retention: { seconds: 3_600, perTarget: 1_000, bytes: 268_435_456 },
    outboxBytes: 1_048_576,
    workers: 1,
    maxConnections: 50_000,
    maxConnectionsPerTarget: 1_000,
    rateLimits: { keys: new Map(), addressRequests: null, attempts: null, connections: null },
    trustedProxies: [],
    maxMemoryBytes: null,
    drainSeconds: 8,
    messageWebhook: null,
    presenceWebhook: null,
    lastSeenSeconds: 2_592_000,
    journal: { kind: "sqlite", path: "data/tidings.db", synchronous: "full" },
    queue: null,
    outboxTable: null,
    demo: true,
    logLevel: "info",
    accessLog: false,
    warnings: [],
  });
  assertEquals({ ...tokens, secret: "" }, {
    secret: "",
    oldSecrets: [],
    jwksUrl: null,
    issuer: null,
    audience: null,
    maxSeconds: 2_592_000,
  });
  assertEquals(push?.subject, "mailto:developer@example.com");
});

Deno.test("configFrom generates a new token secret for each start in development mode", () => {
  const [one, other] = [configFrom({}), configFrom({})].map(({ tokens }) => tokens.secret);
  assertMatch(String(one), /^[0-9a-f]{64}$/);
  assertNotEquals(one, other);
});

Deno.test("configFrom generates a new key for Web Push for each start in development mode, unless it is set", () => {
  const [one, other] = [configFrom({}), configFrom({})].map(({ push }) => push?.privateKey);
  assertMatch(String(one), /^[\w-]{43}$/);
  assertNotEquals(one, other);
  assertEquals(configFrom(VAPID).push?.privateKey, VAPID.TIDINGS_VAPID_PRIVATE_KEY);
});

Deno.test("configFrom leaves Web Push off without its variables, except in development mode", () => {
  assertEquals(configFrom(SECRETS).push, null);
  assertEquals(errorLines({ ...SECRETS, TIDINGS_PUSH_ORIGINS: "https://push.example" }), [
    "TIDINGS_VAPID_PRIVATE_KEY, TIDINGS_VAPID_SUBJECT: required with TIDINGS_PUSH_ORIGINS",
  ]);
  assertEquals(configFrom({ TIDINGS_PUSH_ORIGINS: "https://push.example" }).push?.origins, [
    "https://push.example",
  ]);
});

Deno.test("deno task vapid prints variables that configure Web Push, and needs no permission", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "src/config/print_vapid_keys.ts"],
    cwd: new URL("../../", import.meta.url),
  });
  const { tasks: { vapid } } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  assertEquals(vapid.command, "deno run src/config/print_vapid_keys.ts");
  const { stdout } = await command.output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  const variables = lines.filter((line) => !line.startsWith("#")).map((line) => line.split("="));
  const { push } = configFrom({ ...SECRETS, ...Object.fromEntries(variables) });
  assert(lines.includes(`#   ${push?.publicKey}`), lines.join("\n"));
});

Deno.test("configFrom maps every variable to its field", () => {
  const config = configFrom({
    HOST: "0.0.0.0",
    PORT: "9000",
    TIDINGS_ADMIN_PORT: "9001",
    TIDINGS_ADMIN_HOST: "10.0.0.1",
    TIDINGS_PUBLISHER_KEYS: LONG_KEY,
    TIDINGS_TOKEN_SECRET: SECRET,
    TIDINGS_TOKEN_JWKS_URL: "https://id.example/keys",
    TIDINGS_TOKEN_ISSUER: "https://id.example",
    TIDINGS_TOKEN_AUDIENCE: "tidings",
    TIDINGS_MAX_TOKEN_SECONDS: "7200",
    TIDINGS_ALLOWED_ORIGINS: "https://app.example",
    TIDINGS_JOURNAL: "memory:",
    TIDINGS_QUEUE: "nats://hamilton:secret@a/?replicas=3",
    TIDINGS_OUTBOX: "postgres://hamilton:secret@a/treasury",
    TIDINGS_RETENTION_SECONDS: "60",
    TIDINGS_RETENTION_PER_TARGET: "10",
    TIDINGS_RETENTION_BYTES: "2000000",
    TIDINGS_OUTBOX_BYTES: "3000",
    TIDINGS_WORKERS: "4",
    TIDINGS_MAX_CONNECTIONS: "40",
    TIDINGS_MAX_CONNECTIONS_PER_TARGET: "5",
    TIDINGS_KEY_LIMITS: "requests=100",
    TIDINGS_ADDRESS_LIMITS: "requests=20:30",
    TIDINGS_CONNECTION_LIMIT: "1000:2000",
    TIDINGS_TRUSTED_PROXIES: "10.0.0.0/8",
    TIDINGS_MAX_MEMORY_BYTES: "100000000",
    TIDINGS_DRAIN_SECONDS: "6",
    TIDINGS_MESSAGE_WEBHOOK_URL: "https://app.example/messages",
    TIDINGS_MESSAGE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    TIDINGS_PRESENCE_WEBHOOK_URL: "https://app.example/presence",
    TIDINGS_PRESENCE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    TIDINGS_LAST_SEEN_SECONDS: "60",
    ...VAPID,
    TIDINGS_PUSH_ORIGINS: "https://push.example",
    TIDINGS_DEMO: "on",
    TIDINGS_LOG_LEVEL: "debug",
    TIDINGS_ACCESS_LOG: "on",
  });
  assertEquals<unknown>(config, {
    host: "0.0.0.0",
    port: 9_000,
    admin: { host: "10.0.0.1", port: 9_001 },
    development: false,
    publisherKeys: [{ name: "key-1", scopes: SCOPES, digest: sha256(LONG_KEY), isShort: false }],
    tokens: {
      secret: SECRET,
      oldSecrets: [],
      jwksUrl: "https://id.example/keys",
      issuer: "https://id.example",
      audience: "tidings",
      maxSeconds: 7_200,
    },
    allowedOrigins: ["https://app.example"],
    retention: { seconds: 60, perTarget: 10, bytes: 2_000_000 },
    outboxBytes: 3_000,
    workers: 4,
    maxConnections: 40,
    maxConnectionsPerTarget: 5,
    rateLimits: {
      keys: new Map([["key-1", { requests: { perSecond: 100, burst: 500 }, notifications: null }]]),
      addressRequests: { perSecond: 20, burst: 30 },
      attempts: { perSecond: 10, burst: 50 },
      connections: { perSecond: 1_000, burst: 2_000 },
    },
    trustedProxies: ["10.0.0.0/8"],
    maxMemoryBytes: 100_000_000,
    drainSeconds: 6,
    messageWebhook: { url: "https://app.example/messages", secrets: [new Uint8Array(24)] },
    presenceWebhook: { url: "https://app.example/presence", secrets: [new Uint8Array(24)] },
    lastSeenSeconds: 60,
    push: {
      privateKey: VAPID.TIDINGS_VAPID_PRIVATE_KEY,
      publicKey: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
      subject: VAPID.TIDINGS_VAPID_SUBJECT,
      origins: ["https://push.example"],
    },
    journal: { kind: "memory" },
    queue: {
      servers: ["a:4222"],
      user: "hamilton",
      password: "secret",
      credentials: null,
      tls: null,
      stream: "tidings-queue",
      replicas: 3,
    },
    outboxTable: {
      servers: [{ host: "a", port: 5_432 }],
      user: "hamilton",
      password: "secret",
      database: "treasury",
      tls: { mode: "prefer", ca: null, cert: null, key: null },
      applicationName: "tidings",
    },
    demo: true,
    logLevel: "debug",
    accessLog: true,
    warnings: [],
  });
});

Deno.test("configFrom enables the demo page in development mode only, unless TIDINGS_DEMO is set", () => {
  const secrets = { TIDINGS_PUBLISHER_KEYS: "key", TIDINGS_TOKEN_SECRET: SECRET };
  const demos = [{}, { TIDINGS_DEMO: "off" }, secrets, { ...secrets, TIDINGS_DEMO: "on" }].map((
    environment,
  ) => configFrom(environment).demo);
  assertEquals(demos, [true, false, false, true]);
});

Deno.test("configFrom treats an empty variable as one that is not set", () => {
  const environment = Object.fromEntries(VARIABLES.map((name) => [name, ""]));
  const [config, defaults] = [configFrom(environment), configFrom({})].map(({ tokens, push, ...rest }) => (
    { ...rest, tokens: { ...tokens, secret: "" }, push: { ...push, privateKey: "", publicKey: "" } }
  ));
  assertEquals(config, defaults);
});

Deno.test("configFrom ignores white space around every value, and treats white space alone as not set", () => {
  const environment = {
    HOST: "0.0.0.0\n",
    PORT: " 9000 ",
    TIDINGS_PUBLISHER_KEYS: `${LONG_KEY}\r\n`,
    TIDINGS_TOKEN_SECRET: `\ufeff${SECRET}\n`,
    TIDINGS_TOKEN_JWKS_URL: "https://id.example/keys\n",
    TIDINGS_JOURNAL: "\tmemory:",
    TIDINGS_MESSAGE_WEBHOOK_URL: "https://app.example/\n",
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `${WEBHOOK_SECRET} \n`,
    TIDINGS_VAPID_PRIVATE_KEY: `${VAPID.TIDINGS_VAPID_PRIVATE_KEY}\n`,
    TIDINGS_VAPID_SUBJECT: ` ${VAPID.TIDINGS_VAPID_SUBJECT}`,
    TIDINGS_TOKEN_ISSUER: " \n",
  };
  const trimmed = Object.entries(environment).map(([name, value]) => [name, value.trim()]);
  assertEquals(configFrom(environment), configFrom(Object.fromEntries(trimmed)));
  assertEquals(configFrom(environment).tokens, {
    secret: SECRET,
    oldSecrets: [],
    jwksUrl: "https://id.example/keys",
    issuer: null,
    audience: null,
    maxSeconds: 2_592_000,
  });
});

Deno.test("configFrom rejects a misspelled name together with invalid values, and never shows a value", () => {
  assertEquals(
    errorLines({ TIDINGS_PUBLISHER_KEY: "hunter2", TIDINGS_TOKEN_SECRETS: SECRET, PORT: "many" }),
    [
      "TIDINGS_PUBLISHER_KEY: there is no such variable; did you mean TIDINGS_PUBLISHER_KEYS?",
      "TIDINGS_TOKEN_SECRETS: there is no such variable; did you mean TIDINGS_TOKEN_SECRET?",
      "PORT: expected a whole number from 0 to 65535",
    ],
  );
});

Deno.test("configFrom warns of publisher keys with fewer than 16 characters, unless only their hash is known", () => {
  const hash = `sha256:${"0".repeat(64)}`;
  const keys = ["k".repeat(15), "k".repeat(16), hash].join();
  assertEquals(configFrom({ ...SECRETS, TIDINGS_PUBLISHER_KEYS: keys }).warnings, [
    "TIDINGS_PUBLISHER_KEYS, item 1: the key has fewer than 16 characters and can be guessed",
  ]);
});

Deno.test("configFrom returns a frozen value", () => {
  assert(Object.isFrozen(configFrom({})));
});

Deno.test("configFrom names the item of a list that is invalid", () => {
  assertEquals(errorLines({ TIDINGS_ALLOWED_ORIGINS: "https://a.example, b.example, *" }), [
    "TIDINGS_ALLOWED_ORIGINS, item 2: expected an origin like https://example.com, https://*.example.com, app://name or null",
    "TIDINGS_ALLOWED_ORIGINS, item 3: expected an origin like https://example.com, https://*.example.com, app://name or null",
  ]);
});

Deno.test("configFrom names every invalid variable and the expected value, and never the value itself", () => {
  assertEquals(errorLines({ PORT: "many", TIDINGS_TOKEN_SECRET: "hunter2", TIDINGS_LOG_LEVEL: "loud" }), [
    "PORT: expected a whole number from 0 to 65535",
    "TIDINGS_TOKEN_SECRET: expected at least 32 bytes (RFC 7518, section 3.2)",
    "TIDINGS_LOG_LEVEL: expected debug, info, warning or error",
  ]);
});

for (const HOST of ["127.0.0.1", "127.8.9.10", "localhost", "::1"]) {
  Deno.test(`configFrom enables development mode on ${HOST} only without secrets`, () => {
    assertEquals(configFrom({ HOST }).development, true);
    assertEquals(configFrom({ HOST, ...SECRETS }).development, false);
  });
}

for (
  const HOST of ["0.0.0.0", "::", "192.168.0.7", "example.com", "127.example.com", "localhost.example.com"]
) {
  Deno.test(`configFrom rejects ${HOST} without secrets, and names the missing ones`, () => {
    assertEquals(errorLines({ HOST }), [
      `HOST is ${HOST}, but development mode, without secrets, needs a loopback address.`,
      "TIDINGS_PUBLISHER_KEYS or TIDINGS_SCOPED_KEYS: not set",
      "TIDINGS_TOKEN_SECRET or TIDINGS_TOKEN_JWKS_URL: not set",
    ]);
    assertEquals(configFrom({ HOST, ...SECRETS }).host, HOST);
  });
}

/** Incomplete secrets, each with the variable that is missing. */
const INCOMPLETE: readonly [Record<string, string>, string][] = [
  [KEYS, "TIDINGS_TOKEN_SECRET or TIDINGS_TOKEN_JWKS_URL"],
  [{ TIDINGS_TOKEN_SECRET: SECRET }, "TIDINGS_PUBLISHER_KEYS or TIDINGS_SCOPED_KEYS"],
  [{ TIDINGS_TOKEN_JWKS_URL: "https://id.example/keys" }, "TIDINGS_PUBLISHER_KEYS or TIDINGS_SCOPED_KEYS"],
];

for (const [environment, missing] of INCOMPLETE) {
  Deno.test(`configFrom rejects ${Object.keys(environment)} alone, on loopback and elsewhere`, () => {
    assertEquals(errorLines(environment), [
      "Set both publisher keys and token verification, or neither for development mode.",
      `${missing}: not set`,
    ]);
    assertEquals(errorLines({ ...environment, HOST: "0.0.0.0" })[1], `${missing}: not set`);
  });
}

Deno.test("configFrom keeps earlier secrets beside the current one, and needs a current secret of the webhook", () => {
  const old = { TIDINGS_MESSAGE_WEBHOOK_SECRETS_OLD: `\n${WEBHOOK_SECRET}\n` };
  assertEquals(errorLines({ ...SECRETS, ...old }), [
    "TIDINGS_MESSAGE_WEBHOOK_SECRET: required with TIDINGS_MESSAGE_WEBHOOK_SECRETS_OLD",
  ]);
  assertEquals(errorLines({ ...SECRETS, TIDINGS_PRESENCE_WEBHOOK_SECRETS_OLD: WEBHOOK_SECRET }), [
    "TIDINGS_PRESENCE_WEBHOOK_SECRET: required with TIDINGS_PRESENCE_WEBHOOK_SECRETS_OLD",
  ]);
  const config = configFrom({
    ...SECRETS,
    ...old,
    TIDINGS_TOKEN_SECRETS_OLD: `${"a,".repeat(16)}\n${"b".repeat(32)}`,
    TIDINGS_MESSAGE_WEBHOOK_URL: "https://app.example/",
    TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${"/".repeat(32)}`,
  });
  assertEquals([config.tokens.secret, config.tokens.oldSecrets], [SECRET, ["a,".repeat(16), "b".repeat(32)]]);
  assertEquals(config.messageWebhook?.secrets, [new Uint8Array(24).fill(255), new Uint8Array(24)]);
});

Deno.test("configFrom takes earlier token secrets with a key set alone, and not as a reason to be open to everyone", () => {
  const old = { TIDINGS_TOKEN_SECRETS_OLD: SECRET };
  const { tokens } = configFrom({ ...KEYS, ...old, TIDINGS_TOKEN_JWKS_URL: "https://id.example/keys" });
  assertEquals([tokens.secret, tokens.oldSecrets], [null, [SECRET]]);
  assertEquals(errorLines(old).slice(1), [
    "TIDINGS_PUBLISHER_KEYS or TIDINGS_SCOPED_KEYS: not set",
    "TIDINGS_TOKEN_SECRET or TIDINGS_TOKEN_JWKS_URL: not set",
  ]);
});

for (
  const [environment, missing] of [
    [{ TIDINGS_MESSAGE_WEBHOOK_URL: "https://app.example/" }, "TIDINGS_MESSAGE_WEBHOOK_SECRET"],
    [{ TIDINGS_MESSAGE_WEBHOOK_SECRET: WEBHOOK_SECRET }, "TIDINGS_MESSAGE_WEBHOOK_URL"],
    [{ TIDINGS_PRESENCE_WEBHOOK_URL: "https://app.example/" }, "TIDINGS_PRESENCE_WEBHOOK_SECRET"],
    [{ TIDINGS_PRESENCE_WEBHOOK_SECRET: WEBHOOK_SECRET }, "TIDINGS_PRESENCE_WEBHOOK_URL"],
    [{ TIDINGS_VAPID_PRIVATE_KEY: VAPID.TIDINGS_VAPID_PRIVATE_KEY }, "TIDINGS_VAPID_SUBJECT"],
    [{ TIDINGS_VAPID_SUBJECT: VAPID.TIDINGS_VAPID_SUBJECT }, "TIDINGS_VAPID_PRIVATE_KEY"],
  ] as const
) {
  Deno.test(`configFrom rejects ${Object.keys(environment)} without ${missing}`, () => {
    for (const rest of [{}, SECRETS, { [missing]: "" }]) {
      assertEquals(errorLines({ ...rest, ...environment }), [
        `${missing}: required with ${Object.keys(environment)}`,
      ]);
    }
  });
}

Deno.test("configFrom needs no token secret if a key set is configured", () => {
  const { development, tokens } = configFrom({ ...KEYS, TIDINGS_TOKEN_JWKS_URL: "https://id.example/keys" });
  assertEquals([development, tokens.secret], [false, null]);
});

Deno.test("VARIABLES contains the names that deployments rely on", () => {
  for (const name of ["HOST", "PORT", "TIDINGS_PUBLISHER_KEYS", "TIDINGS_TOKEN_SECRET", "TIDINGS_JOURNAL"]) {
    assert(VARIABLES.includes(name), name);
  }
});

Deno.test("configFrom takes a number of workers, and refuses several that share a journal on NATS", () => {
  assertEquals(configFrom({ TIDINGS_WORKERS: "2" }).workers, 2);
  assertEquals(configFrom({ TIDINGS_WORKERS: "auto" }).workers, Math.min(navigator.hardwareConcurrency, 30));
  for (const text of ["0", "31", "1.5", "many", "-1", "0x2", "2e0"]) {
    assertThrows(
      () => configFrom({ TIDINGS_WORKERS: text }),
      ConfigError,
      "TIDINGS_WORKERS: expected auto or a",
    );
  }
  const nats = { TIDINGS_JOURNAL: "nats://127.0.0.1:4222" };
  assertEquals(configFrom({ ...nats, TIDINGS_WORKERS: "1" }).workers, 1);
  assertThrows(
    () => configFrom({ ...nats, TIDINGS_WORKERS: "2" }),
    ConfigError,
    "must be 1 with a journal on NATS",
  );
});
