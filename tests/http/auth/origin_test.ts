/** allowSameHost and allowListed: which pages may connect. */

import { assertEquals } from "@std/assert";
import { allowListed, allowSameHost, type IsOriginAllowed } from "../../../src/http/auth/origin.ts";

/** Each origin, the requested host, and whether the page may connect to it. */
const HOSTS: readonly [string, string, boolean][] = [
  ["https://example.com", "example.com", true],
  ["http://example.com", "example.com", true],
  ["http://localhost:8000", "localhost:8000", true],
  ["http://[::1]:8000", "[::1]:8000", true],
  ["http://localhost:8001", "localhost:8000", false],
  ["http://127.0.0.1:8000", "localhost:8000", false],
  ["https://www.example.com", "example.com", false],
  ["https://example.com", "www.example.com", false],
  ["https://example.com.evil.example", "example.com", false],
  ["null", "example.com", false],
  ["null", "null", false],
  ["", "", false],
  ["example.com", "example.com", false],
];

for (const [origin, host, allowed] of HOSTS) {
  Deno.test(`allowSameHost ${allowed ? "allows" : "refuses"} a page of "${origin}" on "${host}"`, () => {
    assertEquals(allowSameHost()(origin, host), allowed);
  });
}

function assertAllows(isOriginAllowed: IsOriginAllowed, { yes, no }: { yes: string[]; no: string[] }): void {
  for (const origin of yes) assertEquals(isOriginAllowed(origin, "tidings.example"), true, origin);
  for (const origin of no) assertEquals(isOriginAllowed(origin, "tidings.example"), false, origin);
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

Deno.test("allowListed with an empty list refuses all pages", () => {
  assertAllows(allowListed([]), { yes: [], no: ["https://tidings.example", "null", ""] });
});
