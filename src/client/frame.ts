/** The limits of a frame to the server. It refuses the whole frame if one message is beyond them. */

/** The server accepts 64 KiB. The rest is room for the JSON around the messages. */
export const MAX_FRAME_BYTES = 60_000;
/** In one ack. */
export const MAX_FRAME_IDS = 1_000;
/** How deep the data of a message may be nested. */
export const MAX_LEVELS = 100;

const encoder = new TextEncoder();

/** The size of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}
