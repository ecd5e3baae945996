/** What a journal says about itself, for the metrics. It is a part of the port. */

/**
 * Why a journal has removed an entry.
 *
 * - `expired`: it has reached its age, by the retention or by its own `ttl`.
 * - `bytes`: all entries together had too many bytes.
 * - `target_limit`: its target had too many entries.
 * - `replaced`: a newer one of its topic, or a newer mark of its target, took its place.
 * - `damaged`: it could not be read.
 * - `unknown`: NATS has removed it, which does not say why.
 */
export type EvictionCause = "expired" | "bytes" | "target_limit" | "replaced" | "damaged" | "unknown";

/** What a journal keeps, and what it has removed. */
export interface JournalStats {
  /** The number of notifications and marks, also of those that have expired and are not removed yet. */
  readonly entries: number;
  /** The bytes that count against the retention's `bytes`. */
  readonly bytes: number;
  /** When the oldest entry was accepted, in milliseconds since 1970; null if there is none, or if it is not known. */
  readonly oldestAt: number | null;
  /** The entries that were removed since the journal was opened, by cause. */
  readonly evicted: Readonly<Partial<Record<EvictionCause, number>>>;
}
