/** Rates of a node between two samples of its counters. */

/**
 * The upper bounds of the latency buckets in milliseconds, as in the service; one more bucket has no bound.
 */
export const BOUNDS_MS = [
  ...[1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800],
  ...[1_200, 2_000, 5_000, 10_000, 30_000],
];

/**
 * Returns the rates per second by the clock of the node. Returns null if there is no earlier sample, or if
 * the node has restarted since.
 */
export function ratesBetween(before, now) {
  if (before === undefined || before.startedAt !== now.startedAt || now.at <= before.at) return null;
  const seconds = (now.at - before.at) / 1000;
  const counts = now.latency.counts.map((count, index) => count - before.latency.counts[index]);
  return {
    accepted: (now.accepted - before.accepted) / seconds,
    delivered: (now.delivered - before.delivered) / seconds,
    cpu: 100 * (now.cpuSeconds.eventLoop - before.cpuSeconds.eventLoop) / seconds,
    slow: (slowConsumers(now) - slowConsumers(before)) / seconds,
    p50: quantile(counts, 0.5),
    p99: quantile(counts, 0.99),
  };
}

/** Counts the connections that fell behind, or that were closed because nothing could be sent to them. */
function slowConsumers({ fellBehind, ended }) {
  return fellBehind + (ended[4200] ?? 0);
}

/**
 * Returns a quantile in milliseconds, on the assumption that values are spread evenly over their bucket.
 * Returns null if nothing was delivered.
 */
export function quantile(counts, fraction) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return null;
  let left = fraction * total;
  for (const [index, count] of counts.entries()) {
    const min = BOUNDS_MS[index - 1] ?? 0, max = BOUNDS_MS[index] ?? min;
    if (count > 0 && left <= count) return min + (max - min) * (left / count);
    left -= count;
  }
  return BOUNDS_MS.at(-1) ?? null;
}
