/** Sums up the rounds of each server: medians of what varies, sums of what must not happen. */

import { median } from "../bench/load/percentiles.ts";
import { NAMES } from "./contestants.ts";
import type { LanguageName } from "./load/languages.ts";
import { type Measured, STEPS_MS, type Times } from "./load/plan.ts";
import type { Result } from "./results.ts";

/** Times are in milliseconds, and infinite where they are those of what never arrived. */
export interface Summary {
  readonly name: LanguageName;
  readonly rounds: number;
  /** The median and the least share of the deliveries that should have been. */
  readonly share: number;
  readonly leastShare: number;
  readonly doubled: number;
  readonly replayP50: number;
  readonly replayP99: number;
  readonly ageP50: number;
  readonly ageP99: number;
  /** Microseconds; null if the system does not tell. */
  readonly cpuPerDelivery: number | null;
  /** The medians of the shares within each of `STEPS_MS`. */
  readonly agesWithin: readonly number[];
  readonly replaysWithin: readonly number[];
}

/** Returns a summary for each server that has results, in the order of `NAMES`. */
export function summariesOf(results: readonly Result[]): Summary[] {
  return NAMES.flatMap((name) => {
    const own = results.filter((result) => result.name === name).map(({ measured }) => measured);
    return own.length === 0 ? [] : [summaryOf(name, own)];
  });
}

function summaryOf(name: LanguageName, rounds: readonly Measured[]): Summary {
  const medianOf = (figure: (measured: Measured) => number | null) =>
    median(rounds.map((measured) => figure(measured) ?? Infinity));
  const within = (times: (measured: Measured) => Times) =>
    STEPS_MS.map((_, step) => median(rounds.map((measured) => times(measured).within[step] ?? 0)));
  const shares = rounds.map(({ delivered, expected }) => delivered / expected);
  return {
    name,
    rounds: rounds.length,
    share: median(shares),
    leastShare: Math.min(...shares),
    doubled: rounds.reduce((sum, { doubled }) => sum + doubled, 0),
    replayP50: medianOf(({ replay }) => replay.p50),
    replayP99: medianOf(({ replay }) => replay.p99),
    ageP50: medianOf(({ age }) => age.p50),
    ageP99: medianOf(({ age }) => age.p99),
    cpuPerDelivery: rounds.some(({ cpuSeconds }) => cpuSeconds === null)
      ? null
      : medianOf(({ cpuSeconds, delivered }) => 1e6 * (cpuSeconds ?? NaN) / delivered),
    agesWithin: within(({ age }) => age),
    replaysWithin: within(({ replay }) => replay),
  };
}
