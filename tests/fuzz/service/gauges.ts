/** Parses the metrics of the service, and fails if they are not the text format of Prometheus. */

import { fail } from "../violation.ts";

const COMMENT = /^# (HELP|TYPE) [a-z_:][a-z0-9_:]* .+$/;
const LABEL = String.raw`[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const SAMPLE = new RegExp(
  String.raw`^([a-z_:][a-z0-9_:]*)(\{${LABEL}(?:,${LABEL})*\})? (-?[\d.]+(?:e[+-]?\d+)?|[+-]Inf|NaN)$`,
  "i",
);

/**
 * Returns the sum of the values of each name.
 *
 * @throws {Violation} if a line is no comment and no sample
 */
export function parseGauges(text: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || COMMENT.test(line)) continue;
    const [, name, , value] = SAMPLE.exec(line) ?? fail(`/metrics has a line that is no sample: ${line}`);
    sums.set(name ?? "", (sums.get(name ?? "") ?? 0) + Number(value));
  }
  return sums;
}
