/** Positions: places in a journal, which are opaque to browsers and sort as text in the order of the journal. */

/**
 * A place in one journal: `EPOCH-SEQUENCE` or `EPOCH-SEQUENCE-STAMP`, all in base 36 and of fixed width.
 *
 * The **sequence** numbers the entries of a journal. Because its width is fixed, the order of the texts is the order
 * of the journal. The **epoch** names the journal, so that a journal recognises its own positions. The **stamp** is for
 * a journal that may give a sequence number a second time: it tells which entry is meant.
 *
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 *
 * // A tab has received the first eleven notifications of a journal, and loses its connection.
 * const epoch = "k3x9f0ab"; // in the service: newEpoch()
 * const last = positionOf(epoch, 11);
 * assertEquals(last, "k3x9f0ab-0000000000b"); // 11 is "b" in base 36
 *
 * // Meanwhile, 25 more notifications arrive. The tab resumes with `?after=k3x9f0ab-0000000000b`, and receives
 * // everything whose position is greater.
 * assertEquals(positionOf(epoch, 36), "k3x9f0ab-00000000010");
 * assert(positionOf(epoch, 36) > last);
 *
 * // If the journal is lost and begins anew, it has another epoch. It then does not compare the tab's position with
 * // its own: it tells the tab that notifications are missing, and sends everything that it keeps.
 * assertEquals(positionOf("7q20zzt4", 3), "7q20zzt4-00000000003");
 * assert(isPosition(last)); // well-formed, although it belongs to the lost journal
 * ```
 */
export type Position = string;

/** The format of every position. Since 36 ** 11 > 2 ** 53, there is room for every safe integer. */
export const POSITION_PATTERN = /^[0-9a-z]{8}-[0-9a-z]{11}(-[0-9a-z]{6})?$/;

const LOW_DIGITS = 5;
const LOW = 36 ** LOW_DIGITS;
/** Sixty million positions of a journal begin alike. */
let latest = { epoch: "", high: -1, prefix: "" };

/** A position of no journal. A reader that starts after it receives everything that is kept, oldest first. */
export const OLDEST: Position = positionOf("00000000", 0);

/** What a request says in place of a position to start before the oldest entry that is kept. */
export const EARLIEST = "earliest";
/** What a stream may start after: a position, everything that has gone (`earliest`), or (null) all that there is. */
export type After = Position | typeof EARLIEST | null;

/** True if the text has the format of a position, of whatever journal. */
export function isPosition(text: string): boolean {
  return POSITION_PATTERN.test(text);
}

/**
 * Creates the position of a sequence number. Entries are numbered from 1; 0 is the position before the first one.
 *
 * The low half of the number fits into 32 bits, which V8 prints four times as fast as a number that does not.
 */
export function positionOf(epoch: string, sequence: number): Position {
  const low = sequence % LOW;
  const high = (sequence - low) / LOW;
  if (latest.high !== high || latest.epoch !== epoch) {
    latest = { epoch, high, prefix: `${epoch}-${high.toString(36).padStart(11 - LOW_DIGITS, "0")}` };
  }
  return latest.prefix + low.toString(36).padStart(LOW_DIGITS, "0");
}

/** Creates a random epoch for a new journal. */
export function newEpoch(): string {
  const random = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
  return random.toString(36).padStart(8, "0").slice(-8);
}
