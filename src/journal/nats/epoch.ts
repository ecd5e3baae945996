/** The epoch of a stream: what tells it from another one that had its name. */

const MINUTE_MS = 60_000;

/**
 * By its date, to the minute. If several nodes ask several servers for a stream at once, each server may give it another
 * date, 1 to 24 ms apart, and the one that leads tells its own; so a minute is as fine as it may be. A text of each
 * node's own in the description is no way out: by that, the servers (2.9.10) can be brought to keep two groups for one
 * stream, which go apart.
 *
 * @param created RFC 3339
 */
export function epochOf(created: string): string {
  return Math.floor(Date.parse(created) / MINUTE_MS).toString(36).padStart(8, "0");
}
