/** originRule, allowSameHost and allowListed: which pages may connect. */

import { assertEquals } from "@std/assert";
import {
  allowListed,
  allowSameHost,
  type IsOriginAllowed,
  originRule,
} from "../../../src/http/auth/origin.ts";

/** Each origin, the requested host, and whether the page may connect to it if the scheme is not known. */
const HOSTS: readonly [string, string, boolean][] = [
  ["https://example.com", "example.com", true],
  ["http://example.com", "example.com", true],
  ["https://example.com", "example.com:443", true],
  ["http://example.com", "example.com:80", true],
  ["https://example.com", "EXAMPLE.com", true],
  ["https://example.com:8443", "Example.COM:8443", true],
  ["http://localhost:8000", "localhost:8000", true],
  ["http://[::1]:8000", "[::1]:8000", true],
  ["http://localhost:8001", "localhost:8000", false],
  ["http://127.0.0.1:8000", "localhost:8000", false],
  ["http://example.com", "example.com:443", false],
  ["https://example.com", "example.com:80", false],
  ["https://example.com:8443", "example.com", false],
  ["https://www.example.com", "example.com", false],
  ["https://example.com", "www.example.com", false],
  ["https://example.com.evil.example", "example.com", false],
  ["app://example.com", "example.com", false],
  ["null", "example.com", false],
  ["null", "null", false],
  ["", "", false],
  ["example.com", "example.com", false],
];

for (const [origin, authority, allowed] of HOSTS) {
  Deno.test(`allowSameHost ${allowed ? "allows" : "refuses"} a page of "${origin}" on "${authority}"`, () => {
    assertEquals(allowSameHost()(origin, { authority, scheme: null }), allowed);
  });
}

Deno.test("allowSameHost compares the scheme if that is known", () => {
  for (const scheme of ["http", "https"] as const) {
    const origins = ["http://example.com", "https://example.com"];
    const allowed = origins.filter((origin) => allowSameHost()(origin, { authority: "example.com", scheme }));
    assertEquals(allowed, [`${scheme}://example.com`]);
  }
});

const DESTINATION = { authority: "tidings.example", scheme: null };

function assertAllows(isOriginAllowed: IsOriginAllowed, { yes, no }: { yes: string[]; no: string[] }): void {
  for (const origin of yes) assertEquals(isOriginAllowed(origin, DESTINATION), true, origin);
  for (const origin of no) assertEquals(isOriginAllowed(origin, DESTINATION), false, origin);
}

Deno.test("allowListed allows exactly the listed origins, on any host", () => {
  assertAllows(allowListed(["https://a.example", "http://b.example:8080"]), {
    yes: ["https://a.example", "http://b.example:8080"],
    no: [
      "http://a.example",
      "https://a.example:8443",
      "https://www.a.example",
      "https://a.example.evil.example",
      "https://evil.example/https://a.example",
      "http://b.example",
      "https://tidings.example",
      "https://A.example",
      "null",
      "",
    ],
  });
});

Deno.test("allowListed allows every subdomain for a star, and nothing else", () => {
  assertAllows(allowListed(["https://*.example.com"]), {
    yes: ["https://a.example.com", "https://a.b.example.com", "https://x-1.example.com"],
    no: [
      "https://example.com",
      "https://.example.com",
      "http://a.example.com",
      "https://a.example.com:8443",
      "https://a.example.com.evil.example",
      "https://evilexample.com",
      "https://evil.example/.example.com",
      "https://evil.example?.example.com",
      "https://evil.example#.example.com",
      "https://evil.example:443.example.com",
      "https://me@.example.com",
      "https://*.example.com",
      "https://",
      "null",
    ],
  });
});

Deno.test("allowListed compares the port of an origin with a star", () => {
  assertAllows(allowListed(["http://*.localhost:3000"]), {
    yes: ["http://app.localhost:3000"],
    no: ["http://app.localhost", "http://app.localhost:30001", "http://localhost:3000"],
  });
});

Deno.test("allowListed allows the pages of apps, and the origin null only if it is listed", () => {
  const list = ["capacitor://localhost", "chrome-extension://abc", "app://obsidian.md", "null"];
  assertAllows(allowListed(list), {
    yes: list,
    no: ["capacitor://evil", "chrome-extension://abcd", "http://localhost", "app://obsidian.md.evil", ""],
  });
  assertAllows(allowListed(list.slice(0, 3)), { yes: [], no: ["null"] });
});

const LOOPBACK = [
  "http://localhost:5173",
  "https://localhost",
  "http://127.0.0.1:3000",
  "http://127.9.9.9",
  "http://[::1]:4200",
  "https://app.localhost:8443",
];

Deno.test("originRule allows every page of this machine in development mode, besides those configured", () => {
  const no = [
    "http://localhost.example",
    "http://127.0.0.1.example",
    "http://notlocalhost",
    "http://192.168.0.2",
    "app://localhost",
    "null",
  ];
  assertAllows(originRule({ development: true, allowedOrigins: null }), { yes: LOOPBACK, no });
  assertAllows(originRule({ development: true, allowedOrigins: ["app://localhost"] }), {
    yes: [...LOOPBACK, "app://localhost"],
    no: no.filter((origin) => origin !== "app://localhost"),
  });
});

Deno.test("originRule allows pages of this machine only if they are configured, outside development mode", () => {
  assertAllows(originRule({ development: false, allowedOrigins: null }), {
    yes: ["https://tidings.example"],
    no: LOOPBACK,
  });
  assertAllows(originRule({ development: false, allowedOrigins: ["http://localhost:5173"] }), {
    yes: ["http://localhost:5173"],
    no: ["https://tidings.example", ...LOOPBACK.slice(1)],
  });
});

Deno.test("allowListed with an empty list refuses all pages", () => {
  assertAllows(allowListed([]), { yes: [], no: ["https://tidings.example", "null", ""] });
});
