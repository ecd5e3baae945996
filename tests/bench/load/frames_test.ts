import { assertEquals } from "@std/assert";
import { FrameReader } from "./frames.ts";

const decoder = new TextDecoder();

/** A frame of a server: not masked. */
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

/** What is found if the bytes come in chunks of a size. */
function found(bytes: readonly number[], size: number): string[] {
  const texts: string[] = [];
  let text = "";
  const reader = new FrameReader({
    pinged() {},
    payload(piece, start, end) {
      text += decoder.decode(piece.subarray(start, end));
    },
    ended() {
      texts.push(text);
      text = "";
    },
  });
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = Uint8Array.from([0, ...bytes.slice(at, at + size), 0]); // as in a buffer that has more before and after
    reader.take(chunk, 1, chunk.length - 1);
  }
  return texts;
}

const texts = ["", "a", "b".repeat(125), "c".repeat(126), "d".repeat(65_535), "e".repeat(65_536), "end"];
const ping = frame(9, "are you there"), close = frame(8, ""), binary = frame(2, "x".repeat(300));
const stream = [...texts.flatMap((text) => [...ping, ...frame(1, text), ...binary]), ...close];

for (const size of [1, 2, 3, 7, 127, 4_096, 65_537, stream.length]) {
  Deno.test(`FrameReader finds text frames of every length between others, in chunks of ${size} bytes`, () => {
    assertEquals(found(stream, size), texts);
  });
}

Deno.test("FrameReader says that a frame has ended only when all of it has come", () => {
  assertEquals(found(frame(1, "hello").slice(0, -1), 100), []);
});

Deno.test("FrameReader tells of pings, and of nothing else that is no text", () => {
  let pings = 0;
  const reader = new FrameReader({ payload() {}, ended() {}, pinged: () => pings++ });
  const bytes = Uint8Array.from([...ping, ...binary, ...frame(10, ""), ...frame(9, ""), ...close]);
  reader.take(bytes, 0, bytes.length);
  assertEquals(pings, 2);
});
