/** The bar: Tidings delivers everything, once and soon, and no rival delivers a larger share. */

import { TITLES } from "./contestants.ts";
import { duration, percent } from "./table.ts";
import type { Summary } from "./summary.ts";

export const MAX_P99_MS = 3_000;

export interface Verdict {
  readonly passed: boolean;
  readonly sentence: string;
}

/** Returns nothing without results of Tidings. */
export function verdictsOf(summaries: readonly Summary[]): Verdict[] {
  const own = summaries.find(({ name }) => name === "tidings");
  if (own === undefined) return [];
  const { leastShare, doubled, replayP99, ageP99, share } = own;
  const rivals = summaries.filter((one) => one !== own).map((rival) => ({
    passed: rival.share <= share,
    sentence: `${TITLES[rival.name]} delivered ${percent(rival.share)}, and Tidings ${percent(share)}`,
  }));
  return [
    { passed: leastShare === 1, sentence: `in its worst round, Tidings delivered ${percent(leastShare)}` },
    { passed: doubled === 0, sentence: `Tidings delivered ${doubled} messages twice` },
    withinLimit("99 of 100 replays of Tidings took", replayP99),
    withinLimit("99 of 100 messages of Tidings arrived after", ageP99),
    ...rivals,
  ];
}

function withinLimit(what: string, time: number): Verdict {
  const sentence = `${what} at most ${duration(time)}; the limit is ${duration(MAX_P99_MS)}`;
  return { passed: time < MAX_P99_MS, sentence };
}
