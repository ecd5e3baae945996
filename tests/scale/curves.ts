/** Turns what the tabs have counted into curves for the plot. */

import type { Arrivals } from "./clients/arrivals.ts";
import type { Curve } from "./stage.ts";

const TENTH_MS = 100;

/** How many there were so far, from a time on. */
export function cumulative({ tenths }: Arrivals, since: number): Curve {
  return difference({ tenths }, { gone: { tenths: [] }, since, before: 0 });
}

/** How many tabs are there: those before, and from a time on those that came less those that went. */
export function difference(
  came: Pick<Arrivals, "tenths">,
  { gone, since, before }: { gone: Pick<Arrivals, "tenths">; since: number; before: number },
): Curve {
  const signed = [
    ...came.tenths.map(([at, count]) => [at, count] as const),
    ...gone.tenths.map(([at, count]) => [at, -count] as const),
  ].filter(([at]) => at + TENTH_MS > since);
  const sums = new Map<number, number>();
  for (const [at, count] of signed) sums.set(at, (sums.get(at) ?? 0) + count);
  let total = before;
  const points = [...sums].toSorted(([one], [other]) => one - other).map(([at, count]) => {
    total += count;
    return [(at + TENTH_MS - since) / 1_000, total] as const;
  });
  return [[0, before], ...points];
}

/** The time at which a share of the last point was reached, in seconds. */
export function secondsUntil(share: number, curve: Curve): number {
  const goal = share * (curve.at(-1)?.[1] ?? 0);
  return curve.find(([, tabs]) => tabs >= goal)?.[0] ?? NaN;
}
