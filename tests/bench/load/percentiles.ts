/** Percentiles of a sample. */

/** Returns one value per wanted percentile (0 to 100), or none for an empty sample. */
export function percentiles(sample: readonly number[], wanted: readonly number[]): number[] {
  if (sample.length === 0) return [];
  const sorted = Float64Array.from(sample).sort();
  return wanted.map((percentile) => sorted[Math.floor((percentile / 100) * (sorted.length - 1))] ?? NaN);
}

/** Returns the middle value of the sample, or the mean of the two in the middle. */
export function median(sample: readonly number[]): number {
  const sorted = sample.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
