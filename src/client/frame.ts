/** What there is room for in a frame: the server takes 64 KiB. */

export const MAX_BYTES = 60_000;

const encoder = new TextEncoder();

export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}
