/** The shared memory of a ring: the bytes that its one writer writes, and for each reader the places that concern it. */

/** A writer and its readers each look at the same memory. Nothing in it is a JavaScript object. */
export interface RingMemory {
  readonly bytes: SharedArrayBuffer;
  /** The places of one reader, so that a record is written once for all of its readers. */
  readonly places: SharedArrayBuffer;
}

/** How many records may wait for a reader: a power of two. */
export const PLACES = 16_384;
/** The counters of a reader, on cache lines of their own: the writer changes one, and the reader the other. */
export const WRITTEN = 0, READ = 16;
/** Where the places begin. Each has an offset and a length. */
export const FIRST_PLACE = 32;

export function createPlaces(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (FIRST_PLACE + 2 * PLACES));
}

/** The index of a record's place. The counters overflow after four billion records, which does no harm. */
export function placeOf(count: number): number {
  return FIRST_PLACE + 2 * (count & (PLACES - 1));
}
