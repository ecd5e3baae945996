/** Formats numbers with their units, for people. */

export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function seconds(value: number): string {
  if (value < 0.995) return `${(value * 1_000).toFixed(0)} ms`;
  return value < 99.95 ? `${value.toFixed(1)} s` : `${count(value)} s`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}

export function megabytes(bytes: number): string {
  return `${count(bytes / 1e6)} MB`;
}

export function microseconds(value: number): string {
  return `${count(value * 1e6)} µs`;
}
