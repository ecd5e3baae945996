/** The encoding of frames as Server-Sent Events: the tabs of a target mostly get the same ones. */

import { SmallMemo } from "../async/small_memo.ts";

/** A frame as an event, in UTF-8. Its data is one line: JSON without line breaks, and U+2028 is none here. */
export type EncodeEvent = (frame: string, position?: string) => Uint8Array<ArrayBuffer>;

/** An event that was made. */
interface CachedEvent {
  readonly frame: string;
  readonly position: string | undefined;
  readonly event: Uint8Array<ArrayBuffer>;
}

/**
 * Encodes, and remembers the latest few, for bodies hold and hand over bytes without copying or changing them. 300
 * readers that are stuck cost the process 0.4 MB each in a flood of frames of 60 kB, and 1.8 MB with bytes of their own.
 */
export function createEventEncoder(): EncodeEvent {
  const encoder = new TextEncoder();
  const latest = new SmallMemo<CachedEvent>();
  return function eventOf(frame, position) {
    const made = latest.find((one) => one.frame === frame && one.position === position);
    if (made !== undefined) return made.event;
    const id = position === undefined ? "" : `id: ${position}\n`;
    const event = encoder.encode(`${id}data: ${frame}\n\n`);
    return latest.add({ frame, position, event }).event;
  };
}
