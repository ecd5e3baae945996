/** A message to the application, as it is sent. */

import { bytesOf, MAX_BYTES } from "./frame.ts";

const MAX_LEVELS = 100;

/**
 * Null if the server would refuse it, and with it all that is in the same frame: it is nothing, too large, or nested
 * too deep. Throws what JSON.stringify throws.
 */
export function sentMessage(data: unknown): string | null {
  const text = JSON.stringify({ type: "message", data });
  const message = JSON.parse(text);
  const isTaken = isWithin(1 + MAX_LEVELS, message) && bytesOf(text) <= MAX_BYTES && "data" in message;
  return isTaken ? text : null;
}

function isWithin(levels: number, value: unknown): boolean {
  return Object(value) !== value ||
    (levels > 0 && Object.values(value as object).every((inner) => isWithin(levels - 1, inner)));
}
