/** Asserts that a response is a problem document, which is the only form of an error on every route. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Violation } from "../../src/wire/problem.ts";

/** The members of a problem that are about the request. */
export interface ProblemDetails {
  readonly detail: string;
  readonly errors?: readonly Violation[];
}

/** @param expected status and kind: `404 not-found` */
export async function assertProblem(response: Response, expected: string): Promise<ProblemDetails> {
  const text = await response.text();
  const [status, kind] = expected.split(" ");
  assertEquals(`${response.status}`, status, text);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const { type, title, status: statusMember, detail, ...rest } = JSON.parse(text);
  const expectedType = kind === "quota-exceeded"
    ? "https://iana.org/assignments/http-problem-types#quota-exceeded"
    : `urn:tidings:problem:${kind}`;
  assertEquals([type, `${statusMember}`], [expectedType, status]);
  for (const words of [title, detail]) assertMatch(words, /\S/);
  return { detail, ...rest };
}
