/** Cuts a text so that it fits into JSON of limited size. */

import { Buffer } from "node:buffer";

const ELLIPSIS = "…";
/** What a reader takes for one character, for example a flag, may consist of several. */
const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });

/** The number of bytes that a text takes within a string of JSON. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2; // without the quotation marks
}

/**
 * Returns the text if it takes at most `maxBytes` within a string of JSON, else its beginning and an ellipsis. The cut is
 * between two characters. The result is empty if nothing fits.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(cutText("Hello", 5), "Hello");
 * assertEquals(cutText("Grüße", 7), "Grüße");
 * assertEquals(cutText("Grüße", 6), "Gr…");
 * ```
 */
export function cutText(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && jsonBytes(text) <= maxBytes) return text;
  const room = maxBytes - jsonBytes(ELLIPSIS);
  const candidate = text.slice(0, maxBytes); // each UTF-16 unit takes at least a byte
  const graphemes = GRAPHEMES.segment(candidate)[Symbol.iterator]().map(({ segment }) => segment);
  const beginning = takeWhileFitting(graphemes, room) || takeWhileFitting(candidate, room);
  return beginning === "" ? "" : beginning + ELLIPSIS;
}

function takeWhileFitting(parts: Iterable<string>, room: number): string {
  let taken = "", left = room;
  for (const part of parts) {
    left -= jsonBytes(part);
    if (left < 0) break;
    taken += part;
  }
  return taken;
}
