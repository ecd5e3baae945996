/** sameHost and listedOrigin: which pages may connect. */

import { assertEquals } from "@std/assert";
import { type JudgeOrigin, listedOrigin, sameHost } from "../../../src/http/auth/origin.ts";

/** Of each: the origin, the host that was asked, and whether it is the origin's own. */
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
  Deno.test(`sameHost ${allowed ? "lets" : "does not let"} a page of "${origin}" connect to "${host}"`, () => {
    assertEquals(sameHost()(origin, host), allowed);
  });
}

function assertJudges(judge: JudgeOrigin, { yes, no }: { yes: string[]; no: string[] }): void {
  for (const origin of yes) assertEquals(judge(origin, "tidings.example"), true, origin);
  for (const origin of no) assertEquals(judge(origin, "tidings.example"), false, origin);
}

Deno.test("listedOrigin lets pages of exactly the listed origins connect, wherever the service is", () => {
  assertJudges(listedOrigin(["https://a.example", "http://b.example:8080"]), {
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

Deno.test("listedOrigin takes a star for every subdomain, and for nothing else", () => {
  assertJudges(listedOrigin(["https://*.example.com"]), {
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

Deno.test("listedOrigin takes the port of a starred origin into account", () => {
  assertJudges(listedOrigin(["http://*.localhost:3000"]), {
    yes: ["http://app.localhost:3000"],
    no: ["http://app.localhost", "http://app.localhost:30001", "http://localhost:3000"],
  });
});

Deno.test("listedOrigin without a list lets nobody connect", () => {
  assertJudges(listedOrigin([]), { yes: [], no: ["https://tidings.example", "null", ""] });
});
