/** keygen: what it prints is what the service takes. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { EXIT } from "../../src/cli/call/failure.ts";
import { type Config, configFrom } from "../../src/config/config.ts";
import { tidings } from "./command.ts";

/** Reads the variables of a file, as Docker and systemd do. */
function variablesIn(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

function digestsOf({ publisherKeys }: Config): readonly string[] {
  return publisherKeys.map(({ digest }) => digest);
}

Deno.test("keygen prints what a service needs to start, and the key that its hash is of", async () => {
  const { code, stdout, stderr } = await tidings(["keygen"]);
  assertEquals([code, stderr], [EXIT.ok, ""]);
  const config = configFrom({ HOST: "0.0.0.0", ...variablesIn(stdout) });
  const [, key = ""] = /^# {3}([0-9a-f]{64})$/m.exec(stdout) ?? [];
  assertEquals(digestsOf(config), [createHash("sha256").update(key).digest("hex")]);
  assertEquals(config.warnings, []);
  assertNotEquals((await tidings(["keygen"])).stdout, stdout);
});

Deno.test("keygen prints the secrets of the kinds that are asked for, also as JSON", async () => {
  const { stdout } = await tidings(["keygen", "webhook", "vapid", "publisher", "token", "vapid", "--json"]);
  const { publisher_key, vapid_public_key, ...variables } = JSON.parse(stdout);
  const config = configFrom({
    ...variables,
    TIDINGS_MESSAGE_WEBHOOK_URL: "https://example.com",
    TIDINGS_VAPID_SUBJECT: "mailto:operator@example.com",
  });
  assertEquals(digestsOf(config), [createHash("sha256").update(publisher_key).digest("hex")]);
  assertEquals(config.push?.publicKey, vapid_public_key);
  assertEquals(config.messageWebhook?.secrets.map(({ length }) => length), [32]);
});

Deno.test("keygen refuses a kind that there is not, and names those that there are", async () => {
  const { code, stdout, stderr } = await tidings(["keygen", "secret"]);
  assertEquals([code, stdout], [EXIT.usage, ""]);
  assert(stderr.includes("publisher, token, webhook, vapid"), stderr);
});
