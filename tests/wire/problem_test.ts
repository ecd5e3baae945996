/** Problem is an error that is serialised as a problem document. */

import { assertEquals, assertMatch } from "@std/assert";
import { Problem, type ProblemKind } from "../../src/wire/problem.ts";

const STATUSES: Record<ProblemKind, number> = {
  "bad-request": 400,
  "not-json": 400,
  "not-authorized": 401,
  "revoked": 401,
  "origin-not-allowed": 403,
  "missing-scope": 403,
  "not-local": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "already-sent": 409,
  "timeout": 408,
  "too-large": 413,
  "unsupported-encoding": 415,
  "unsupported-type": 415,
  "does-not-fit": 422,
  "too-many-exceptions": 422,
  "id-conflict": 422,
  "upgrade-required": 426,
  "too-many-connections": 429,
  "too-many-requests": 429,
  "quota-exceeded": 429,
  "broken": 500,
  "not-here": 501,
  "unavailable": 503,
};

const QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";

for (const [kind, status] of Object.entries(STATUSES) as [ProblemKind, number][]) {
  Deno.test(`Problem of the kind ${kind} has the status ${status} and the members of RFC 9457`, () => {
    const problem = new Problem(kind, "targets: must not contain a target twice");
    assertEquals(problem.status, status);
    const { title, ...members } = problem.toJSON();
    assertEquals(members, {
      type: kind === "quota-exceeded" ? QUOTA_EXCEEDED : `urn:tidings:problem:${kind}`,
      status,
      detail: "targets: must not contain a target twice",
    });
    assertMatch(String(title), /^[A-Z][\w' ]+$/);
  });
}

Deno.test("Problem lists its errors, if it has any", () => {
  const errors = [{ path: "targets.0", message: "too small" }];
  assertEquals(new Problem("does-not-fit", "no", { errors }).toJSON().errors, errors);
  assertEquals(Object.hasOwn(new Problem("does-not-fit", "no").toJSON(), "errors"), false);
});

Deno.test("Problem keeps its cause and headers out of the problem document", () => {
  const cause = new Error("postgres://user:password@host");
  const problem = new Problem("unavailable", "later", { headers: { "retry-after": "1" }, cause });
  assertEquals(problem.headers, { "retry-after": "1" });
  assertEquals(problem.cause, cause);
  assertEquals(Object.keys(JSON.parse(JSON.stringify(problem))), ["type", "title", "status", "detail"]);
});

Deno.test("Problem is an error whose message is the detail", () => {
  const problem = new Problem("not-found", "/v2 is not a resource of this service");
  assertEquals(String(problem), "Problem: /v2 is not a resource of this service");
  assertEquals(problem instanceof Error, true);
});
