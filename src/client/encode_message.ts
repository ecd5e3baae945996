/** Encodes a message to the application. */

import { byteLength } from "./byte_length.ts";
import { MAX_FRAME_BYTES, MAX_LEVELS } from "./limits.ts";

/**
 * Returns null if the server would refuse the message, and with it everything in the same frame: if it has no data,
 * is too large, or is nested too deep. Throws what `JSON.stringify` throws.
 */
export function encodeMessage(data: unknown): string | null {
  const json = JSON.stringify(data); // undefined for a function, for example
  const text = `{"type":"message","data":${json}}`;
  return json && isWithin(MAX_LEVELS, JSON.parse(json)) && byteLength(text) <= MAX_FRAME_BYTES ? text : null;
}

function isWithin(levels: number, value: unknown): boolean {
  return Object(value) !== value ||
    (levels > 0 && Object.values(value as object).every((inner) => isWithin(levels - 1, inner)));
}
