/** The configuration on Deno Deploy: defaults that fit it, and sentences for what it cannot do. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError, configFrom, VARIABLES } from "../../src/config/config.ts";
import { SECRETS as NAMES_OF_SECRETS } from "../../src/config/environment.ts";

const DEPLOY = { DENO_DEPLOY: "true" };
const SECRETS = {
  TIDINGS_PUBLISHER_KEYS: "a-key-of-16-chars",
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};
const NATS = { TIDINGS_JOURNAL: "nats://nats.example.com" };

function errorLines(environment: Record<string, string>): string[] {
  return assertThrows(() => configFrom(environment), ConfigError).message.split("\n");
}

Deno.test("configFrom listens on every address and drains within four seconds on Deno Deploy", () => {
  for (const DENO_DEPLOY of ["true", "1"]) {
    const { host, port, drainSeconds, development, warnings } = configFrom({
      DENO_DEPLOY,
      ...SECRETS,
      ...NATS,
      HOST: "",
    });
    assertEquals({ host, port, drainSeconds, development, warnings }, {
      host: "0.0.0.0",
      port: 8_000,
      drainSeconds: 4,
      development: false,
      warnings: [],
    });
  }
  const elsewhere = configFrom({ DENO_DEPLOY: " ", ...SECRETS, ...NATS });
  assertEquals([elsewhere.host, elsewhere.drainSeconds], ["127.0.0.1", 8]);
});

Deno.test("configFrom keeps what is set on Deno Deploy, and warns of a drain that takes too long", () => {
  const set = { HOST: "::", PORT: "9000", TIDINGS_DRAIN_SECONDS: "5" };
  const { host, port, drainSeconds, warnings } = configFrom({ ...DEPLOY, ...SECRETS, ...NATS, ...set });
  assertEquals([host, port, drainSeconds], ["::", 9_000, 5]);
  assertEquals(warnings.map((warning) => warning.split(":")[0]), ["TIDINGS_DRAIN_SECONDS"]);
});

Deno.test("configFrom refuses a journal in a file on Deno Deploy, also as the default", () => {
  for (const journal of [{}, { TIDINGS_JOURNAL: " " }, { TIDINGS_JOURNAL: "sqlite:data/a.db" }]) {
    const [line = "", ...others] = errorLines({ ...DEPLOY, ...SECRETS, ...journal });
    assert(line.startsWith("TIDINGS_JOURNAL: Deno Deploy keeps no files"), line);
    assertEquals(others, []);
  }
});

Deno.test("configFrom warns that memory is that of one instance on Deno Deploy", () => {
  const { warnings } = configFrom({ ...DEPLOY, ...SECRETS, TIDINGS_JOURNAL: "memory:" });
  assertEquals(warnings.length, 1);
  assert(warnings[0]?.startsWith("TIDINGS_JOURNAL: with memory:"), warnings[0]);
});

Deno.test("configFrom refuses every secret from a file on Deno Deploy, without looking for the file", () => {
  const files = Object.fromEntries(NAMES_OF_SECRETS.map((name) => [`${name}_FILE`, "/run/secrets/none"]));
  assert(Object.keys(files).every((name) => VARIABLES.includes(name)));
  assertEquals(
    errorLines({ ...DEPLOY, ...files }),
    NAMES_OF_SECRETS.map((name) =>
      `${name}_FILE: Deno Deploy mounts no secrets as files: set ${name}, and mark it as a secret there`
    ),
  );
});

Deno.test("configFrom refuses a second port on Deno Deploy", () => {
  assertEquals(errorLines({ ...DEPLOY, ...SECRETS, ...NATS, TIDINGS_ADMIN_PORT: "9000" }), [
    "TIDINGS_ADMIN_PORT: on Deno Deploy, requests reach only one port",
  ]);
});
