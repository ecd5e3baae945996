/** The header `Retry-After` of an answer (RFC 9110, section 10.2.3). */

/** Parses the header into milliseconds from now, at least 0. Returns null if it is absent or invalid. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const ms = header.endsWith(" GMT") ? Date.parse(header) - now : NaN; // Date.parse alone accepts nearly any text
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}
