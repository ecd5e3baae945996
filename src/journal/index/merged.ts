/** Merges two sequences of entries, each of which is in order, into one. */

import type { EntryMeta } from "./target_log.ts";

/** @param isBefore the order of both sequences and of the result */
export function* merged<K extends EntryMeta>(
  left: Iterator<K>,
  right: Iterator<K>,
  isBefore: (one: K, other: K) => boolean,
): Generator<K, undefined> {
  let a = left.next(), b = right.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && isBefore(a.value, b.value))) {
      yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
}

export function isEarlier(one: EntryMeta, other: EntryMeta): boolean {
  return one.sequence < other.sequence;
}

export function isLater(one: EntryMeta, other: EntryMeta): boolean {
  return one.sequence > other.sequence;
}
