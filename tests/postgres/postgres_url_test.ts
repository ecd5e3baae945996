/** parsePostgresUrl: servers, login, database and TLS. */

import { assertEquals } from "@std/assert";
import { parsePostgresUrl } from "../../src/postgres/postgres_url.ts";

const NO_FILES = { ca: null, cert: null, key: null };
const DEFAULTS = {
  servers: [{ host: "a", port: 5432 }],
  user: "h",
  password: null,
  database: "h",
  tls: { mode: "prefer", ...NO_FILES },
  applicationName: "tidings",
} as const;

Deno.test("parsePostgresUrl parses servers, login and database, with the defaults of libpq", () => {
  for (const text of ["postgres://h@a", "postgresql://h@a/", "postgres://h:@a:5432/h"]) {
    assertEquals(parsePostgresUrl(text), DEFAULTS);
  }
  assertEquals(parsePostgresUrl("postgres://h%40x:p%2F%3A%25@a,[::1]:1,10.0.0.1/the%20treasury"), {
    ...DEFAULTS,
    servers: [{ host: "a", port: 5432 }, { host: "::1", port: 1 }, { host: "10.0.0.1", port: 5432 }],
    user: "h@x",
    password: "p/:%",
    database: "the treasury",
  });
  assertEquals(parsePostgresUrl("postgres://h@a?application_name=push")?.applicationName, "push");
});

Deno.test("parsePostgresUrl parses sslmode, and the files that it needs", () => {
  const tlsOf = (query: string) => parsePostgresUrl(`postgres://h@a/t?${query}`)?.tls;
  for (const mode of ["disable", "prefer", "require", "verify-ca", "verify-full"] as const) {
    assertEquals(tlsOf(`sslmode=${mode}`), { mode, ...NO_FILES });
  }
  assertEquals(tlsOf("sslmode=allow"), { mode: "prefer", ...NO_FILES });
  assertEquals(tlsOf("sslmode=verify-full&sslrootcert=ca.pem&sslcert=c.pem&sslkey=k.pem"), {
    mode: "verify-full",
    ca: "ca.pem",
    cert: "c.pem",
    key: "k.pem",
  });
});

Deno.test("parsePostgresUrl verifies more than sslmode says if there is a root certificate, as libpq does", () => {
  const tlsOf = (query: string) => parsePostgresUrl(`postgres://h@a/t?${query}`)?.tls;
  assertEquals(tlsOf("sslmode=require&sslrootcert=ca.pem"), { ...NO_FILES, mode: "verify-ca", ca: "ca.pem" });
  assertEquals(tlsOf("sslmode=require&sslrootcert=system"), { ...NO_FILES, mode: "verify-full" });
});

for (
  const text of [
    "",
    "postgres:",
    "postgres://",
    "postgres://a",
    "postgres://h@",
    "postgres://:secret@a",
    "mysql://h@a",
    "postgres://h@a,",
    "postgres://h@a:port",
    "postgres://h@a:65536",
    "postgres://h@a:0",
    "postgres://h@a b",
    "postgres://h@[::1",
    "postgres://h@a/t/u",
    "postgres://h@a/t#u",
    "postgres://h:se/cret@a/t",
    "postgres://h:se@cret@a/t",
    "postgres://h:%zz@a/t",
    "postgres://h:%00@a/t",
    "postgres://h@a/t?sslmode=yes",
    "postgres://h@a/t?sslmode=",
    "postgres://h@a/t?sslmode=require&sslmode=disable",
    "postgres://h@a/t?sslcert=c.pem",
    "postgres://h@a/t?channel_binding=require",
  ]
) {
  Deno.test(`parsePostgresUrl rejects ${JSON.stringify(text)}`, () => {
    assertEquals(parsePostgresUrl(text), undefined);
  });
}
