/** Asserts that a response is a problem document: on every route, nothing else may tell of an error. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Violation } from "../../src/wire/problem.ts";

/** What a problem says about the very request. */
export interface Told {
  readonly detail: string;
  readonly errors?: readonly Violation[];
}

/** @param expected status and kind: `404 not-found` */
export async function assertProblem(response: Response, expected: string): Promise<Told> {
  const text = await response.text();
  const [status, kind] = expected.split(" ");
  assertEquals(`${response.status}`, status, text);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const { type, title, status: told, detail, ...rest } = JSON.parse(text);
  assertEquals([type, `${told}`], [`urn:tidings:problem:${kind}`, status]);
  for (const words of [title, detail]) assertMatch(words, /\S/);
  return { detail, ...rest };
}
