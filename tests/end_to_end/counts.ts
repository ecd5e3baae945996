/** Counts: accepted, delivered, doubled, lost. What every test of a fault ends with. */

import { assert, assertEquals } from "@std/assert";
import type { ReturningTab } from "./returning_tab.ts";

/** Of the notifications for one target, all its tabs together. */
export interface Counts {
  readonly target: string | undefined;
  readonly tabs: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly lost: number;
}

/** What became of what was accepted for the target of these tabs: each of them has to have all of it, once. */
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
    const { got, recovered, missed } = tab;
    assert(recovered.every((one) => one !== false) && missed === 0, "nothing was to be said to be lost");
    const positions = got.map(({ position }) => position);
    assertEquals(positions, positions.toSorted());
    const numbers = [...new Map(got.map(({ position, data }) => [position, data])).values()];
    const distinct = new Set(numbers);
    counts.delivered += got.length;
    counts.duplicates += numbers.length - distinct.size;
    const lost = accepted.filter((n) => !distinct.has(n));
    counts.lost += lost.length;
    for (const n of lost) console.log(tellLost(n, { tab, tabs }));
  }
  return counts;
}

/** Which one a tab has lost, and what came to it before and after: that is where to look. */
function tellLost(n: number, { tab, tabs }: { tab: ReturningTab; tabs: readonly ReturningTab[] }): string {
  const whose = `tab ${tabs.indexOf(tab)} of ${tab.target}, connection ${tab.recovered.length}`;
  const place = tabs.flatMap(({ got }) => got).find(({ data }) => data === n)?.position;
  if (place === undefined) return `${n} has come to no tab of ${tab.target}`;
  const before = tab.got.findLast(({ position }) => position < place);
  const after = tab.got.find(({ position }) => position > place);
  const told = [before, after].map((one) => `${one?.data} at ${one?.position}`);
  return `${n} at ${place} is lost to ${whose}: between ${told.join(" and ")}`;
}
