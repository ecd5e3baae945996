/** findUnknownVariables: which names are taken for misspelled variables, and the name that is proposed. */

import { assertEquals } from "@std/assert";
import { configFrom, VARIABLES } from "../../src/config/config.ts";
import { findUnknownVariables, withoutServiceLinks } from "../../src/config/unknown_variables.ts";

function nearestTo(name: string, value = "1"): string | undefined {
  const [unknown, ...more] = findUnknownVariables({ [name]: value }, VARIABLES);
  assertEquals(more, []);
  if (unknown !== undefined) assertEquals(unknown.name, name);
  return unknown?.nearest;
}

const MISSPELLED: readonly [string, string][] = [
  ["TIDINGS_PUBLISHER_KEY", "TIDINGS_PUBLISHER_KEYS"],
  ["TIDINGS_TOKENS_SECRET", "TIDINGS_TOKEN_SECRET"],
  ["TIDINGS_JWKS_URL", "TIDINGS_TOKEN_JWKS_URL"],
  ["TIDINGS_ALLOWED_ORIGIN", "TIDINGS_ALLOWED_ORIGINS"],
  ["TIDINGS_LOGLEVEL", "TIDINGS_LOG_LEVEL"],
  ["tidings_token_secret", "TIDINGS_TOKEN_SECRET"],
  ["TIDINGS-DEMO", "TIDINGS_DEMO"],
  ["TIDING_PUBLISHER_KEYS", "TIDINGS_PUBLISHER_KEYS"],
  ["TDINGS_JOURNAL", "TIDINGS_JOURNAL"],
  ["TIDINGS_PORT", "PORT"],
  ["TIDINGS_HOST", "HOST"],
];

for (const [name, nearest] of MISSPELLED) {
  Deno.test(`findUnknownVariables finds ${name}, and proposes ${nearest}`, () => {
    assertEquals(nearestTo(name), nearest);
  });
}

Deno.test("findUnknownVariables finds every name with the prefix, however far from all others", () => {
  for (const name of ["TIDINGS_", "TIDINGS", "TIDINGS_SOMETHING_ELSE_ALTOGETHER"]) {
    assertEquals(VARIABLES.includes(nearestTo(name) ?? ""), true, name);
  }
});

Deno.test("findUnknownVariables ignores its own variables, other programs' variables, and empty values", () => {
  const own = Object.fromEntries(VARIABLES.map((name) => [name, "1"]));
  const others = { PATH: "/bin", HOME: "/", HOSTNAME: "a", REPORT: "1", DENO_DIR: "/", NATS_URL: "nats://a" };
  assertEquals(findUnknownVariables({ ...own, ...others, TIDINGS_KEY: "", TIDINGS_X: " \n" }, VARIABLES), []);
});

Deno.test("findUnknownVariables ignores what Kubernetes adds for the Services of a namespace", () => {
  const links = {
    TIDINGS_SERVICE_HOST: "10.0.0.1",
    TIDINGS_SERVICE_PORT: "8000",
    TIDINGS_SERVICE_PORT_HTTP: "8000",
    TIDINGS_PORT: "tcp://10.0.0.1:8000",
    TIDINGS_PORT_8000_TCP: "tcp://10.0.0.1:8000",
    TIDINGS_PORT_8000_TCP_PROTO: "tcp",
    TIDINGS_PORT_8000_TCP_PORT: "8000",
    TIDINGS_PORT_8000_TCP_ADDR: "10.0.0.1",
    TIDINGS_NATS_SERVICE_HOST: "10.0.0.2",
    TIDINGS_NATS_PORT: "tcp://10.0.0.2:4222",
  };
  assertEquals(findUnknownVariables(links, VARIABLES), []);
});

Deno.test("withoutServiceLinks takes TIDINGS_ADMIN_PORT for a link only if Kubernetes has set it", () => {
  const own = { PORT: "8000", TIDINGS_ADMIN_PORT: "9000", TIDINGS_DEMO: undefined };
  assertEquals(withoutServiceLinks(own), own);
  const links = { TIDINGS_ADMIN_PORT: "tcp://10.0.0.1:9000", TIDINGS_ADMIN_SERVICE_HOST: "10.0.0.1" };
  assertEquals(withoutServiceLinks({ ...links, PORT: "8000" }), { PORT: "8000" });
  assertEquals(configFrom(links).admin, null);
});
