/** Results as TAP version 14 (testanything.org), and as lines of JSON. */

import type { Result } from "./runner.ts";

export const TAP_HEADER = "TAP version 14";

/** The lines of one result. */
export function tapOf({ case: { rule, title }, outcome, detail, ms }: Result, number: number): string {
  const point = `${outcome === "failed" ? "not ok" : "ok"} ${number} - ${rule} ${escape(title)}`;
  if (outcome === "skipped") return `${point} # SKIP ${escape(detail ?? "")}`;
  if (outcome === "passed") return point;
  return `${point}\n  ---\n  message: ${JSON.stringify(detail)}\n  duration_ms: ${ms}\n  ...`;
}

/** One result as a line of JSON. */
export function jsonOf({ case: { rule, title }, outcome, detail, ms }: Result): string {
  return JSON.stringify({ rule, title, outcome, detail, ms });
}

/** The plan, and what came of all cases. */
export function tapEnd(results: readonly Result[]): string {
  const count = (outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const counts = `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
  return `1..${results.length}\n# ${counts}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("#", "\\#");
}
