/** The clock of this page, which its threads share, and how long something took in words. */

/** Milliseconds since 1970, with fractions. */
export function now() {
  return performance.timeOrigin + performance.now();
}

export function took(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
