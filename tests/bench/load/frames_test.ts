/** Tests of the parser of frames. */

import { assertEquals } from "@std/assert";
import { FrameReader } from "./frames.ts";

const decoder = new TextDecoder();

/** Builds a frame of a server, which has no mask. */
function frame(opcode: number, payload: string): number[] {
  const bytes = [...new TextEncoder().encode(payload)];
  const { length } = bytes;
  const header = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 255]
    : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >> shift) & 255)];
  return [128 | opcode, ...header, ...bytes];
}

/** Returns the texts that the reader finds if the bytes arrive in chunks of this size. */
function textsIn(bytes: readonly number[], size: number): string[] {
  const texts: string[] = [];
  let text = "";
  const reader = new FrameReader({
    onPing() {},
    onClose() {},
    onPayload(piece, start, end) {
      text += decoder.decode(piece.subarray(start, end));
    },
    onEnd() {
      texts.push(text);
      text = "";
    },
  });
  for (let at = 0; at < bytes.length; at += size) {
    // The chunk lies in a buffer with other bytes around it.
    const chunk = Uint8Array.from([0, ...bytes.slice(at, at + size), 0]);
    reader.take(chunk, 1, chunk.length - 1);
  }
  return texts;
}

const texts = ["", "a", "b".repeat(125), "c".repeat(126), "d".repeat(65_535), "e".repeat(65_536), "end"];
const ping = frame(9, "are you there"), close = frame(8, ""), binary = frame(2, "x".repeat(300));
const stream = [...texts.flatMap((text) => [...ping, ...frame(1, text), ...binary]), ...close];

for (const size of [1, 2, 3, 7, 127, 4_096, 65_537, stream.length]) {
  Deno.test(`FrameReader finds text frames of every length between others, in chunks of ${size} bytes`, () => {
    assertEquals(textsIn(stream, size), texts);
  });
}

Deno.test("FrameReader reports the end of a frame only when it is complete", () => {
  assertEquals(textsIn(frame(1, "hello").slice(0, -1), 100), []);
});

Deno.test("FrameReader reports pings and close frames, and no other frames without text", () => {
  const reported: string[] = [];
  const reader = new FrameReader({
    onPayload() {},
    onEnd() {},
    onPing: () => reported.push("ping"),
    onClose: () => reported.push("close"),
  });
  const bytes = Uint8Array.from([...ping, ...binary, ...frame(10, ""), ...frame(9, ""), ...close]);
  reader.take(bytes, 0, bytes.length);
  assertEquals(reported, ["ping", "ping", "close"]);
});
