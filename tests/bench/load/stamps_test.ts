/** Tests of the search for time stamps. */

import { assertEquals } from "@std/assert";
import { createRandom } from "../../random.ts";
import { Stamps } from "./stamps.ts";

const encoder = new TextEncoder();

function stampsIn(...pieces: string[]): Stamps {
  const stamps = new Stamps();
  for (const piece of pieces) {
    const bytes = encoder.encode(`"ts":${piece}"ts":`); // as in a buffer with other bytes around it
    stamps.take(bytes, 5, bytes.length - 5);
  }
  return stamps;
}

/** Returns all ways to cut a text in two. */
function cuts(text: string): [string, string][] {
  return Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]);
}

const one = '[{"id":"","data":{"ts":1790000000123456,"pad":"ts"}}]';

Deno.test("Stamps counts a stamp wherever the frame is cut, and reads its time if that is in one piece", () => {
  const from = one.indexOf("1790"), to = one.indexOf(",", from);
  for (const [at, pieces] of cuts(one).entries()) {
    const { count, first } = stampsIn(...pieces);
    assertEquals(count, 1, `cut at ${at}`);
    assertEquals(
      first,
      at >= from && at < to ? null : 1790000000123456,
      `cut at ${at}`,
    );
  }
});

Deno.test("Stamps counts a stamp that arrives byte by byte", () => {
  assertEquals(stampsIn(...one).count, 1);
});

Deno.test("Stamps finds a mark that begins within a partial one", () => {
  for (const text of ['""ts":', '"ts"ts":', '"t"ts":', '"ts""ts":', '"ts"t"ts":']) {
    for (const pieces of cuts(text)) assertEquals(stampsIn(...pieces).count, 1, pieces.join(" | "));
    assertEquals(stampsIn(...text).count, 1, text);
  }
  for (const text of ['"ts" :', "ts:", '"tss":', '"Ts":', '"ts"']) {
    assertEquals(stampsIn(...text).count, 0, text);
  }
});

Deno.test("Stamps counts the same as a regular expression, in random text and pieces", () => {
  const random = createRandom(7);
  for (let run = 0; run < 500; run++) {
    const text = Array.from({ length: 60 }, () => ['"', "t", "s", ":", '"ts":'][Math.floor(random() * 5)])
      .join("");
    const cut = [random(), random()].map((place) => Math.floor(place * text.length)).sort((a, b) => a - b);
    const pieces = [text.slice(0, cut[0]), text.slice(cut[0], cut[1]), text.slice(cut[1])];
    assertEquals(stampsIn(...pieces).count, text.match(/"ts":/g)?.length ?? 0, pieces.join(" | "));
  }
});

Deno.test("Stamps reads the first stamp of a frame, and after a reset that of the next frame", () => {
  const stamps = stampsIn('"ts":1790000000000001 "ts":1790000000000002');
  assertEquals([stamps.count, stamps.first], [2, 1790000000000001]);
  stamps.reset();
  stamps.take(encoder.encode(':"ts":1790000000000003'), 0, 22);
  assertEquals([stamps.count, stamps.first], [1, 1790000000000003]);
});
