/** Counts what was accepted, delivered, duplicated and lost. Every test of a fault ends with these counts. */

import { assertEquals } from "@std/assert";
import type { ReturningTab } from "./returning_tab.ts";

/** The counts of one target, summed over its tabs. */
export interface Counts {
  readonly target: string | undefined;
  readonly tabs: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly lost: number;
}

/**
 * Compares what the tabs of one target received with what was accepted for it, and prints every loss. Each
 * tab should have received every number once.
 */
export function countsOf(tabs: readonly ReturningTab[], accepted: readonly number[]): Counts {
  const counts = {
    target: tabs[0]?.target,
    tabs: tabs.length,
    accepted: accepted.length,
    delivered: 0,
    duplicates: 0,
    lost: 0,
  };
  for (const tab of tabs) {
    const { received, recovered, missed } = tab;
    const losses = { recovered: recovered.flatMap((one, n) => one === false ? [n] : []), missed };
    assertEquals(losses, { recovered: [], missed: 0 }, `tab ${tabs.indexOf(tab)} was told of a loss`);
    const positions = received.map(({ position }) => position);
    assertEquals(positions, positions.toSorted());
    const numbers = [...new Map(received.map(({ position, data }) => [position, data])).values()];
    const distinct = new Set(numbers);
    counts.delivered += received.length;
    counts.duplicates += numbers.length - distinct.size;
    const lost = accepted.filter((n) => !distinct.has(n));
    counts.lost += lost.length;
    for (const n of lost) console.log(describeLoss(n, { tab, tabs }));
  }
  return counts;
}

/** Says which tab lost a notification, and what it received before and after it. */
function describeLoss(
  n: number,
  { tab, tabs }: { tab: ReturningTab; tabs: readonly ReturningTab[] },
): string {
  const name = `tab ${tabs.indexOf(tab)} of ${tab.target}, connection ${tab.recovered.length}`;
  const lost = tabs.flatMap(({ received }) => received).find(({ data }) => data === n)?.position;
  if (lost === undefined) return `${n} has reached no tab of ${tab.target}`;
  const before = tab.received.findLast(({ position }) => position < lost);
  const after = tab.received.find(({ position }) => position > lost);
  const neighbours = [before, after].map((one) => `${one?.data} at ${one?.position}`);
  return `${n} at ${lost} has not reached ${name}: it is missing between ${neighbours.join(" and ")}`;
}
