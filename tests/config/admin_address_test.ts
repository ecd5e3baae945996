/** adminAddress: where metrics and the console are, and what stops the start. */

import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, configFrom } from "../../src/config/config.ts";

const SECRETS = { TIDINGS_PUBLISHER_KEYS: "key", TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };

function messageOf(environment: Record<string, string>): string {
  return assertThrows(() => configFrom(environment), ConfigError).message;
}

Deno.test("adminAddress is that of the service, unless another one is set", () => {
  const port = { ...SECRETS, HOST: "0.0.0.0", TIDINGS_ADMIN_PORT: "9000" };
  assertEquals(configFrom(port).admin, { host: "0.0.0.0", port: 9_000 });
  assertEquals(configFrom({ ...port, TIDINGS_ADMIN_HOST: "::1" }).admin, { host: "::1", port: 9_000 });
  assertEquals(configFrom({ PORT: "0", TIDINGS_ADMIN_PORT: "0" }).admin, { host: "127.0.0.1", port: 0 });
  assertEquals(configFrom({ TIDINGS_ADMIN_PORT: " " }).admin, null);
});

for (
  const [environment, message] of [
    [{ TIDINGS_ADMIN_PORT: "many" }, "TIDINGS_ADMIN_PORT: expected a whole number from 0 to 65535"],
    [{ TIDINGS_ADMIN_PORT: "65536" }, "TIDINGS_ADMIN_PORT: expected a whole number from 0 to 65535"],
    [{ TIDINGS_ADMIN_PORT: "8000" }, "TIDINGS_ADMIN_PORT: expected another port than PORT"],
    [
      { PORT: "9000", TIDINGS_ADMIN_PORT: "9000", TIDINGS_ADMIN_HOST: "::1" },
      "TIDINGS_ADMIN_PORT: expected another port than PORT",
    ],
    [{ TIDINGS_ADMIN_HOST: "127.0.0.1" }, "TIDINGS_ADMIN_PORT: required with TIDINGS_ADMIN_HOST"],
  ] as const
) {
  Deno.test(`adminAddress refuses ${JSON.stringify(environment)}`, () => {
    assertEquals(messageOf(environment), message);
  });
}

Deno.test("adminAddress needs a loopback address too in development mode", () => {
  const [reason] = messageOf({ TIDINGS_ADMIN_PORT: "9000", TIDINGS_ADMIN_HOST: "0.0.0.0" }).split("\n");
  assertEquals(
    reason,
    "TIDINGS_ADMIN_HOST is 0.0.0.0, but development mode, without secrets, needs a loopback address.",
  );
  const local = configFrom({ TIDINGS_ADMIN_PORT: "9000", TIDINGS_ADMIN_HOST: "localhost" });
  assertEquals(local.development, true);
});
