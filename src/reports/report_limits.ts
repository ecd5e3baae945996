/** Report limits: how much reports remember, and for how long. */

/** How much is remembered. When it is too much, the oldest reports go first. */
export interface ReportLimits {
  readonly reports: number;
  /** Connections that were handed a notification and have not acked it, of all reports together. */
  readonly awaiting: number;
  /** Connections that are waited for although they are behind, of all waits together. */
  readonly due: number;
  /** How long a notification is remembered after it was accepted. */
  readonly ms: number;
  /** How long after it was accepted an id names the same notification; later, another one. */
  readonly idMs: number;
}

const MAX_MS = 60 * 60 * 1000;
const MIN_MS = 60 * 1000; // as long as a publisher may wait for acks
const MIN_ID_MS = 1_000; // the targets of a notification are accepted within that, also if nothing is kept

/** An hour, or as long as notifications are kept, if that is less. */
export function reportLimits({ seconds }: { readonly seconds: number }): ReportLimits {
  const max = Math.min(seconds * 1000, MAX_MS); // and ids are remembered as long as notifications are kept
  const ms = Math.max(MIN_MS, max), idMs = Math.max(MIN_ID_MS, max);
  return { reports: 65_536, awaiting: 262_144, due: 65_536, ms, idMs };
}
