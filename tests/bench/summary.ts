/** Summarizes the results of several rounds. */

import { median } from "./load/percentiles.ts";
import type { Result } from "./load/plan.ts";
import type { Row } from "./rounds.ts";
import type { Figure } from "./scenarios.ts";

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Returns null if this system cannot measure the figure. */
export function summaryOf(results: readonly Result[], figure: Figure): Summary | null {
  const values = results.map((result) => figure.of(result)).filter((value) => value !== undefined);
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Returns the ratio of a row's median to that of another server in the same scenario; null if there is none.
 */
export function ratioTo(other: string, { row, rows, figure }: {
  readonly row: Row;
  readonly rows: readonly Row[];
  readonly figure: Figure;
}): number | null {
  const found = rows.find(({ scenario, server }) => scenario === row.scenario && server === other);
  const [own, others] = [summaryOf(row.results, figure), summaryOf(found?.results ?? [], figure)];
  return own === null || others === null || others.median === 0 ? null : own.median / others.median;
}

/** Returns what was lost or failed, summed over all rounds, as text. */
export function lossesOf(results: readonly Result[]): string {
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0);
  const [expected, delivered] = [sum(({ expected }) => expected), sum(({ delivered }) => delivered)];
  const share = ((expected - delivered) / expected) * 100;
  const losses = [
    delivered === expected ? "" : `${share.toFixed(share < 0.1 ? 3 : 1)} % of deliveries`,
    counted(sum(({ failed }) => failed), "requests failed"),
    counted(sum(({ refused }) => refused), "tabs refused"),
    counted(sum(({ closed }) => closed), "tabs closed"),
  ];
  return losses.filter((loss) => loss !== "").join(", ") || "nothing";
}

function counted(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}`;
}
