/** The encoding of frames as Server-Sent Events. */

import { SmallMemo } from "../async/small_memo.ts";

/**
 * Returns a frame as an event in UTF-8, with the position as its id. The data needs one line only, because frames are
 * JSON without line breaks.
 */
export type EncodeEvent = (frame: string, position?: string) => Uint8Array<ArrayBuffer>;

/**
 * These end no line of an event stream (HTML, section 9.2.6), but they do for the line readers of many libraries, such as
 * Python's `splitlines`. In JSON, they can occur only inside a string, where an escape means the same.
 */
const OTHER_LINE_ENDS = /[\u0085\u2028\u2029]/g;

interface EncodedEvent {
  readonly frame: string;
  readonly position: string | undefined;
  readonly event: Uint8Array<ArrayBuffer>;
}

/**
 * Creates an encoder that remembers its last few events, because the tabs of a target mostly receive the same ones.
 * Response bodies hold and pass on bytes without copying or changing them, so tabs can share them. In a flood of
 * frames of 60 kB, 300 stalled readers cost the process 0.4 MB each. With bytes of their own they cost 1.8 MB each.
 */
export function createEventEncoder(): EncodeEvent {
  const encoder = new TextEncoder();
  const memo = new SmallMemo<EncodedEvent>();
  return function encodeEvent(frame, position) {
    const known = memo.find((entry) => entry.frame === frame && entry.position === position);
    if (known !== undefined) return known.event;
    const id = position === undefined ? "" : `id: ${position}\n`;
    const event = encoder.encode(`${id}data: ${frame.replaceAll(OTHER_LINE_ENDS, toEscape)}\n\n`);
    return memo.add({ frame, position, event }).event;
  };
}

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
