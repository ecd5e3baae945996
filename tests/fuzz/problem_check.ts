/** Checks that a refusal is a problem document (RFC 9457) of a documented kind, wherever it comes from. */

import { KINDS } from "../../src/wire/problem.ts";
import { isObject, type Json } from "./json/json.ts";
import { expect, fail } from "./violation.ts";

const URN = "urn:tidings:problem:";
const QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/**
 * Returns the kind of the problem.
 *
 * @throws {Violation} if it is none, or of a kind that does not have its status, or `broken`
 */
export function kindOfProblem(problem: Json | undefined): string {
  if (!isObject(problem)) return fail(`this is no problem: ${JSON.stringify(problem)}`);
  const { type, status, title, detail } = problem;
  const found = type === QUOTA ? "quota-exceeded" : String(type).slice(URN.length);
  const known = Object.entries(KINDS).find(([kind]) => kind === found);
  if (known === undefined) return fail(`the type of a problem is not documented: ${JSON.stringify(problem)}`);
  const [kind, [expected]] = known;
  expect(status === expected, () => `${kind} has ${expected}, and not ${status}`);
  expect(typeof title === "string" && typeof detail === "string", () => `${kind} has no title or no detail`);
  expect(kind !== "broken", () => "the server answers that it is broken");
  return kind;
}
