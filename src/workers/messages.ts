/** The kinds of records that cross between an isolate and the owner of the journal. */

/** Of an isolate to the owner. Each has a number after its kind, by which it is answered. */
export const REQUEST = { append: 1, follow: 2, unfollow: 3, announce: 4 } as const;
/** Of the owner to an isolate. Those that answer have the number of the request after their kind. */
export const REPLY = {
  entry: 1,
  receipts: 2,
  followed: 3,
  failed: 4,
  gap: 5,
  elsewhere: 6,
  announced: 7,
} as const;

/** The kind, in a byte, and the number, in four. */
export const PREFIX_BYTES = 8;
