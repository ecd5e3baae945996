/** Percentiles of a sample. */

/** @returns one for each that is asked for (0 to 100), nothing for an empty sample */
export function percentiles(sample: readonly number[], wanted: readonly number[]): number[] {
  if (sample.length === 0) return [];
  const sorted = Float64Array.from(sample).sort();
  return wanted.map((one) => sorted[Math.floor((one / 100) * (sorted.length - 1))] ?? NaN);
}

/** The middle of the sample, or what lies between the two in the middle. */
export function median(sample: readonly number[]): number {
  const sorted = sample.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
