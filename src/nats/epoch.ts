/** The epoch of a stream, which distinguishes it from an earlier stream of the same name. */

const MINUTE_MS = 60_000;

/**
 * Derives the epoch from the date of the stream, rounded down to the minute. If several nodes create a stream through
 * several servers at once, each server may record another date, 1 to 24 ms apart, and the leader reports its own. So the
 * epoch cannot be more precise. A random text in the stream's description is no alternative: different descriptions can
 * make the servers (2.9.10) run two Raft groups for one stream, which then diverge. The stamps of messages tell two
 * streams of the same minute apart.
 *
 * @param created RFC 3339
 */
export function epochOf(created: string): string {
  return Math.floor(Date.parse(created) / MINUTE_MS).toString(36).padStart(8, "0");
}
