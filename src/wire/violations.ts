/** Violations: what zod finds wrong with a value, as a problem lists it. */

import type { z } from "zod";
import type { Violation } from "./problem.ts";

const MAX_VIOLATIONS = 20;
const MAX_REASON = 200; // characters; a reason quotes the names of unknown fields, which may fill the request

type Issue = z.core.$ZodIssue;

/** Returns the path and the reason of each violation, up to 20. */
export function violationsOf({ issues }: z.ZodError): Violation[] {
  return issues.slice(0, MAX_VIOLATIONS).flatMap(ofClosest).slice(0, MAX_VIOLATIONS).map((
    { path, message },
  ) => ({ path: path.join("."), message: message.slice(0, MAX_REASON) }));
}

/**
 * Of a value that may have several forms, returns the violations of the form that it almost has: the one whose
 * violations are all of its fields. If there is none, the value is of another type altogether.
 */
function ofClosest(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const closest = issue.errors.find((inner) => inner.length > 0 && inner.every(isOfField));
  return closest?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue];
}

function isOfField({ path, code }: Issue): boolean {
  return path.length > 0 || code === "unrecognized_keys";
}
