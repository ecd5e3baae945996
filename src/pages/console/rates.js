/** Rates: what a node did between two looks at what it has counted since its start. */

/** The buckets of latency end at these milliseconds; the last has no end. Read from the service's own table. */
export const BOUNDS_MS = [
  ...[1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800],
  ...[1_200, 2_000, 5_000, 10_000, 30_000],
];

/** Of one node, by its own clock. Null: there was no earlier look, or the node has started anew since. */
export function ratesBetween(before, now) {
  if (before === undefined || before.startedAt !== now.startedAt || now.at <= before.at) return null;
  const seconds = (now.at - before.at) / 1000;
  const counts = now.latency.counts.map((count, index) => count - before.latency.counts[index]);
  return {
    accepted: (now.accepted - before.accepted) / seconds,
    delivered: (now.delivered - before.delivered) / seconds,
    slow: (slowOf(now) - slowOf(before)) / seconds,
    p50: quantile(counts, 0.5),
    p99: quantile(counts, 0.99),
  };
}

/** Consumers that were too slow: fell behind, or were given up. */
function slowOf({ fellBehind, ended }) {
  return fellBehind + (ended[4200] ?? 0);
}

/** In milliseconds, as if what is in a bucket was spread evenly over it. Null: nothing was delivered. */
export function quantile(counts, part) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return null;
  let left = part * all;
  for (const [index, count] of counts.entries()) {
    const least = BOUNDS_MS[index - 1] ?? 0, max = BOUNDS_MS[index] ?? least;
    if (count > 0 && left <= count) return least + (max - least) * (left / count);
    left -= count;
  }
  return BOUNDS_MS.at(-1) ?? null;
}
