/** authorizeByKey and authorizeAnyone: which requests may publish. */

import { assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { authorizeAnyone, authorizeByKey } from "../../../src/http/auth/publisher.ts";
import { IN_HEADER_OR_PASSWORD_OF_SNS } from "../../../src/http/auth/publisher_key.ts";
import { Problem } from "../../../src/wire/problem.ts";

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function requestWith(authorization?: string): Request {
  return new Request("http://tidings/", { headers: authorization === undefined ? {} : { authorization } });
}

const authorize = authorizeByKey([digestOf("first"), digestOf("second")]);

Deno.test("authorizeByKey accepts each of the keys, with the scheme in any case", () => {
  for (const header of ["Bearer first", "Bearer second", "bearer first", "BEARER   first"]) {
    authorize(requestWith(header));
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

for (const header of REFUSED) {
  Deno.test(`authorizeByKey refuses ${header === undefined ? "no Authorization" : `"${header}"`}, and asks for a key`, () => {
    const problem = assertThrows(() => authorize(requestWith(header)), Problem);
    assertEquals([problem.kind, problem.headers], ["not-authorized", { "www-authenticate": "Bearer" }]);
  });
}

/** A request of Amazon SNS, or of anyone with a password. */
function requestWithPassword(pair: string, { isSns }: { isSns: boolean }): Request {
  const authorization = `Basic ${btoa(pair)}`;
  return new Request("http://tidings/", {
    headers: isSns ? { authorization, "x-amz-sns-message-type": "Notification" } : { authorization },
  });
}

const authorizeSources = authorizeByKey(
  [digestOf("first"), digestOf("second")],
  IN_HEADER_OR_PASSWORD_OF_SNS,
);

Deno.test("authorizeByKey accepts a key as the password of SNS, and of nobody else", () => {
  for (const pair of ["sns:first", ":second"]) {
    authorizeSources(requestWithPassword(pair, { isSns: true }));
    const problem = assertThrows(
      () => authorizeSources(requestWithPassword(pair, { isSns: false })),
      Problem,
    );
    assertEquals(problem.headers, { "www-authenticate": "Bearer" });
  }
});

Deno.test("authorizeByKey refuses another password of SNS, and asks for one", () => {
  for (const pair of ["first:", "first", "sns:third", "sns:first ", "first:first:first"]) {
    const problem = assertThrows(() => authorizeSources(requestWithPassword(pair, { isSns: true })), Problem);
    assertEquals(problem.headers, { "www-authenticate": 'Basic realm="Tidings"' });
  }
  const unlocked = authorizeByKey([digestOf("")], IN_HEADER_OR_PASSWORD_OF_SNS);
  assertThrows(() => unlocked(requestWithPassword("sns:", { isSns: true })), Problem);
});

Deno.test("authorizeByKey refuses the password of SNS on routes to which SNS does not post", () => {
  const problem = assertThrows(() => authorize(requestWithPassword("sns:first", { isSns: true })), Problem);
  assertEquals(problem.headers, { "www-authenticate": "Bearer" });
});

Deno.test("authorizeByKey refuses every request if there are no keys", () => {
  assertThrows(() => authorizeByKey([])(requestWith("Bearer first")), Problem);
  assertThrows(() => authorizeByKey([])(requestWith()), Problem);
});

Deno.test("authorizeByKey refuses a request without a key even if the hash of an empty key is listed", () => {
  assertThrows(() => authorizeByKey([digestOf("")])(requestWith()), Problem);
});

Deno.test("authorizeAnyone accepts every request", () => {
  for (const header of REFUSED) assertEquals(authorizeAnyone()(requestWith(header)), undefined);
});
