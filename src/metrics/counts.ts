/** Counters by a label: how often each of several things has happened. */

/** Counters begin at 0, because Prometheus sees the first increment of a counter only if it knew the counter before. */
export function zeros(...keys: readonly string[]): Record<string, number> {
  return Object.fromEntries(keys.map((key) => [key, 0]));
}

export function addOne(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
