/** authorizeByKey and authorizeAnyone: which requests are of a publisher, and what each may do. */

import { assertEquals, assertThrows } from "@std/assert";
import { Keyring } from "../../../src/http/auth/keyring.ts";
import {
  authorizeAnyone,
  authorizeByKey,
  type AuthorizePublisher,
} from "../../../src/http/auth/publisher.ts";
import { IN_HEADER_OR_PASSWORD_OF_SNS, type KeyPlace } from "../../../src/http/auth/publisher_key.ts";
import { ANYONE, SCOPES } from "../../../src/wire/principal.ts";
import { Problem } from "../../../src/wire/problem.ts";
import { keyOf } from "../test_app.ts";

const FIRST_AND_SECOND = [keyOf("key-1", "first"), keyOf("key-2", "second")];
const UNCOUNTED = { requested() {} };

function authorizer(keys: ConstructorParameters<typeof Keyring>[0], place?: KeyPlace): AuthorizePublisher {
  return authorizeByKey({ keyring: new Keyring(keys), metrics: UNCOUNTED }, place);
}

function requestWith(authorization?: string): Request {
  return new Request("http://tidings/", { headers: authorization === undefined ? {} : { authorization } });
}

const authorize = authorizer(FIRST_AND_SECOND);

Deno.test("authorizeByKey accepts each of the keys, with the scheme in any case", () => {
  for (const header of ["Bearer first", "bearer first", "BEARER   first"]) {
    assertEquals(authorize(requestWith(header), "publish"), { name: "key-1", scopes: SCOPES });
  }
  assertEquals(authorize(requestWith("Bearer second"), "publish").name, "key-2");
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
  `Bearer ${FIRST_AND_SECOND[0]?.digest}`,
  `Bearer sha256:${FIRST_AND_SECOND[0]?.digest}`,
  "Bearer key-1",
];

for (const header of REFUSED) {
  Deno.test(`authorizeByKey refuses ${header === undefined ? "no Authorization" : `"${header}"`}, and asks for a key`, () => {
    for (const scope of ["publish", null] as const) {
      const problem = assertThrows(() => authorize(requestWith(header), scope), Problem);
      assertEquals([problem.kind, problem.headers], ["not-authorized", { "www-authenticate": "Bearer" }]);
    }
  });
}

Deno.test("authorizeByKey says whether the key is missing or wrong", () => {
  const messageFor = (header?: string) =>
    assertThrows(() => authorize(requestWith(header), null), Problem).message;
  assertEquals(messageFor(), "a publisher key is required, as Authorization: Bearer KEY");
  assertEquals(messageFor("Bearer third"), "the publisher key is not known");
});

for (const scope of SCOPES) {
  const others = SCOPES.filter((one) => one !== scope);

  Deno.test(`authorizeByKey accepts a key with the scope ${scope} alone, and refuses one with all others with 403`, () => {
    const authorize = authorizer([keyOf("one", "first", [scope]), keyOf("others", "second", others)]);
    assertEquals(authorize(requestWith("Bearer first"), scope), { name: "one", scopes: [scope] });
    const problem = assertThrows(() => authorize(requestWith("Bearer second"), scope), Problem);
    assertEquals([problem.status, problem.message, problem.headers], [
      403,
      `the key others lacks the scope ${scope}: it has ${others.join(" and ")}`,
      { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
    ]);
  });
}

Deno.test("authorizeByKey accepts every key where no scope is required", () => {
  const authorize = authorizer([keyOf("grafana", "first", ["read"])]);
  assertEquals(authorize(requestWith("Bearer first"), null), { name: "grafana", scopes: ["read"] });
});

Deno.test("authorizeByKey counts the requests that it accepts, by the name of their key", () => {
  const counted: string[] = [], keyring = new Keyring([keyOf("billing", "first", ["publish"])]);
  const metrics = { requested: (key: string) => void counted.push(key) };
  const authorize = authorizeByKey({ keyring, metrics });
  authorize(requestWith("Bearer first"), "publish");
  authorize(requestWith("Bearer first"), null);
  assertThrows(() => authorize(requestWith("Bearer first"), "read"), Problem);
  assertThrows(() => authorize(requestWith("Bearer second"), "publish"), Problem);
  assertEquals(counted, ["billing", "billing"]);
});

/** A request of Amazon SNS, or of anyone with a password. */
function requestWithPassword(pair: string, { isSns }: { isSns: boolean }): Request {
  const authorization = `Basic ${btoa(pair)}`;
  return new Request("http://tidings/", {
    headers: isSns ? { authorization, "x-amz-sns-message-type": "Notification" } : { authorization },
  });
}

const authorizeSources = authorizer(FIRST_AND_SECOND, IN_HEADER_OR_PASSWORD_OF_SNS);

Deno.test("authorizeByKey accepts a key as the password of SNS, and of nobody else", () => {
  for (const pair of ["sns:first", ":second"]) {
    authorizeSources(requestWithPassword(pair, { isSns: true }), "publish");
    const problem = assertThrows(
      () => authorizeSources(requestWithPassword(pair, { isSns: false }), "publish"),
      Problem,
    );
    assertEquals(problem.headers, { "www-authenticate": "Bearer" });
  }
});

Deno.test("authorizeByKey refuses another password of SNS, and asks for one", () => {
  for (const pair of ["first:", "first", "sns:third", "sns:first ", "first:first:first"]) {
    const request = requestWithPassword(pair, { isSns: true });
    const problem = assertThrows(() => authorizeSources(request, "publish"), Problem);
    assertEquals(problem.headers, { "www-authenticate": 'Basic realm="Tidings"' });
  }
  const unlocked = authorizer([keyOf("empty", "")], IN_HEADER_OR_PASSWORD_OF_SNS);
  assertThrows(() => unlocked(requestWithPassword("sns:", { isSns: true }), "publish"), Problem);
});

Deno.test("authorizeByKey refuses the password of SNS on routes to which SNS does not post", () => {
  const request = requestWithPassword("sns:first", { isSns: true });
  const problem = assertThrows(() => authorize(request, "publish"), Problem);
  assertEquals(problem.headers, { "www-authenticate": "Bearer" });
});

Deno.test("authorizeByKey refuses every request if there are no keys", () => {
  assertThrows(() => authorizer([])(requestWith("Bearer first"), null), Problem);
  assertThrows(() => authorizer([])(requestWith(), null), Problem);
});

Deno.test("authorizeByKey refuses a request without a key even if the hash of an empty key is listed", () => {
  assertThrows(() => authorizer([keyOf("empty", "")])(requestWith(), null), Problem);
});

Deno.test("authorizeAnyone accepts every request, with all scopes", () => {
  for (const header of REFUSED) {
    for (const scope of SCOPES) assertEquals(authorizeAnyone()(requestWith(header), scope), ANYONE);
  }
  assertEquals(ANYONE.scopes, SCOPES);
});
