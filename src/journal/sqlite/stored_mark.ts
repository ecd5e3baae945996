/** Stored marks: the form in which the file of a SQLite journal has what a target has read. */

import type { DatedState } from "../index/read_state.ts";

/** The row of a mark. */
export interface MarkRow {
  readonly sequence: number;
  readonly target: string | null;
  readonly expiresAt: number;
  readonly bytes: number;
  /** The state. */
  readonly text: string;
}

/**
 * Encodes the state compactly: exceptions are near the watermark, and their distances are much shorter than their
 * sequence numbers, which begin far from zero, or than positions. This also keeps the file free of the epoch.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const state = { markedAt: 1_000, through: 68_719_476_735, read: [68_719_476_740], unread: [68_719_476_730] };
 * assertEquals(encodeStoredMark(state), "[1000,68719476735,[5],[-5]]");
 * assertEquals(parseStoredMark("[1000,68719476735,[5],[-5]]"), state);
 * ```
 */
export function encodeStoredMark({ markedAt, through, read, unread }: DatedState): string {
  const distances = (sequences: readonly number[]) => sequences.map((sequence) => sequence - through).join();
  return `[${markedAt},${through},[${distances(read)}],[${distances(unread)}]]`;
}

/** Parses what `encodeStoredMark` has encoded. The row's checksum says that it is that. */
export function parseStoredMark(text: string): DatedState {
  const [markedAt, through, read, unread]: [number, number, number[], number[]] = JSON.parse(text);
  const sequences = (distances: readonly number[]) => distances.map((distance) => through + distance);
  return { markedAt, through, read: sequences(read), unread: sequences(unread) };
}
