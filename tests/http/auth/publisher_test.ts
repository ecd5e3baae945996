/** byKey and byAnyone: who may publish. */

import { assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { byAnyone, byKey } from "../../../src/http/auth/publisher.ts";
import { Problem } from "../../../src/wire/problem.ts";

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function requestWith(authorization?: string): Request {
  return new Request("http://tidings/", { headers: authorization === undefined ? {} : { authorization } });
}

const authorize = byKey([digestOf("first"), digestOf("second")]);

Deno.test("byKey lets each of the keys in, with the scheme in any case", () => {
  for (const shown of ["Bearer first", "Bearer second", "bearer first", "BEARER   first"]) {
    authorize(requestWith(shown));
  }
});

const REFUSED: readonly (string | undefined)[] = [
  undefined,
  "",
  "Bearer",
  "Bearer ",
  "Bearer third",
  "Bearer First",
  "Bearer first second",
  "Bearer firs",
  "Bearer firstfirst",
  "Basic first",
  "first",
  `Bearer ${digestOf("first")}`,
  `Bearer sha256:${digestOf("first")}`,
];

for (const shown of REFUSED) {
  Deno.test(`byKey refuses ${shown === undefined ? "no Authorization" : `"${shown}"`}, and asks for a key`, () => {
    const problem = assertThrows(() => authorize(requestWith(shown)), Problem);
    assertEquals([problem.kind, problem.headers], ["not-authorized", { "www-authenticate": "Bearer" }]);
  });
}

Deno.test("byKey lets nobody in where there are no keys", () => {
  assertThrows(() => byKey([])(requestWith("Bearer first")), Problem);
  assertThrows(() => byKey([])(requestWith()), Problem);
});

Deno.test("byKey refuses a request without a key, even if the digest of an empty one is listed", () => {
  assertThrows(() => byKey([digestOf("")])(requestWith()), Problem);
});

Deno.test("byAnyone lets everybody in", () => {
  for (const shown of REFUSED) assertEquals(byAnyone()(requestWith(shown)), undefined);
});
