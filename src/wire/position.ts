/** A position: a place in one journal. Opaque to browsers; here, text that sorts in the order of the journal. */

/** `EPOCH-SEQUENCE`, both in base 36 and of fixed width: within an epoch, text order is journal order. */
export type Position = string;

/** What every position fits. 36 ** 11 > 2 ** 53: there is room for every safe integer. */
export const POSITION_PATTERN = /^[0-9a-z]{8}-[0-9a-z]{11}$/;

/** Of no journal: whoever reads after it starts with the oldest that is kept. */
export const OLDEST: Position = positionOf("00000000", 0);

/** True if the text can be read as a position of some journal. */
export function isPosition(text: string): boolean {
  return POSITION_PATTERN.test(text);
}

/** The position with this sequence number, from 0 ("before the first entry"), in the epoch. */
export function positionOf(epoch: string, sequence: number): Position {
  return `${epoch}-${sequence.toString(36).padStart(11, "0")}`;
}

/** A name for a new journal, so that the positions of an older one are not taken for its own. */
export function newEpoch(): string {
  const random = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
  return random.toString(36).padStart(8, "0").slice(-8);
}
