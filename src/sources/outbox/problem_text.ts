/** The problem of a row that stands aside, as the text of its column. */

import type { Problem } from "../../wire/problem.ts";

const MAX_LENGTH = 8 * 1024;

/**
 * Returns the problem document. Its errors may quote the row, so they are left out if they are too long, and lack what
 * PostgreSQL does not accept in `jsonb`: NUL and lone surrogates.
 */
export function problemText(problem: Problem): string {
  const whole = JSON.stringify(problem, withoutBadCharacters);
  if (whole.length <= MAX_LENGTH) return whole;
  const { errors: _, ...rest } = problem.toJSON();
  return JSON.stringify({ ...rest, detail: problem.message.slice(0, MAX_LENGTH / 8) }, withoutBadCharacters);
}

function withoutBadCharacters(_key: string, value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\0", "").toWellFormed() : value;
}
