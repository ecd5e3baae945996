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
  for (const { got, recovered, missed } of tabs) {
    assert(recovered.every((one) => one !== false) && missed === 0, "nothing was to be said to be lost");
    const positions = got.map(({ position }) => position);
    assertEquals(positions, positions.toSorted());
    const numbers = [...new Map(got.map(({ position, data }) => [position, data])).values()];
    const distinct = new Set(numbers);
    counts.delivered += got.length;
    counts.duplicates += numbers.length - distinct.size;
    counts.lost += accepted.filter((n) => !distinct.has(n)).length;
  }
  return counts;
}
