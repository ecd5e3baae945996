/** UnansweredFrames: the order of a socket's frames, what may be unanswered, and the budget of the node. */

import { assertEquals } from "@std/assert";
import { Shares } from "../../../src/async/shares.ts";
import { UnansweredFrames } from "../../../src/sources/socket/unanswered_frames.ts";

const MIB = 1024 * 1024;
const NOTIFICATION = '{"target":"a","data":1}';

function setUp(budget = new Shares({ capacity: 10 * MIB, share: 10 * MIB })) {
  return { frames: new UnansweredFrames("key", budget), budget };
}

Deno.test("UnansweredFrames.add takes 1,000 notifications, and not one more, in frames of any size", () => {
  for (const perFrame of [1, 10, 1_000]) {
    const { frames } = setUp();
    const frame = perFrame === 1 ? NOTIFICATION : `[${Array(perFrame).fill(NOTIFICATION).join(",")}]`;
    for (let n = 0; n < 1_000 / perFrame; n++) assertEquals(frames.add(frame), true);
    assertEquals(frames.add(NOTIFICATION), false);
  }
  assertEquals(setUp().frames.add(`[${Array(1_001).fill(NOTIFICATION).join(",")}]`), false);
});

Deno.test("UnansweredFrames.add takes 1 MiB of UTF-8, and not one byte more", () => {
  const { frames, budget } = setUp();
  assertEquals([frames.add("é".repeat(MIB / 4)), budget.size], [true, MIB / 2]);
  assertEquals(frames.add("x".repeat(MIB / 2 + 1)), false);
  assertEquals([frames.add("x".repeat(MIB / 2)), budget.size], [true, MIB]);
  assertEquals(frames.add("x"), false);
  assertEquals(setUp().frames.add("é".repeat(MIB)), false);
});

Deno.test("UnansweredFrames.add has room again when frames are answered", () => {
  const { frames, budget } = setUp();
  frames.add("x".repeat(MIB));
  assertEquals(frames.add("x"), false);
  frames.answered(1);
  assertEquals([budget.size, frames.size], [0, 0]);
  assertEquals(frames.add("x".repeat(MIB)), true);
});

Deno.test("UnansweredFrames.add keeps no text for which the node has no room, and counts it as a notification", () => {
  const { frames } = setUp(new Shares({ capacity: 10, share: 5 }));
  for (const frame of ["12345", "1"]) frames.add(frame);
  assertEquals(frames.oldest().map(({ json }) => json), ["12345", null]);
  for (let n = 2; n < 1_000; n++) frames.add("1");
  assertEquals(frames.add("1"), false);
  frames.clear();
  frames.add("12345");
  assertEquals(frames.oldest().map(({ json }) => json), ["12345"]);
});

Deno.test("UnansweredFrames.oldest returns 64 KiB at a time, or one frame that is larger", () => {
  const { frames } = setUp();
  for (const kib of [30, 30, 30, 100, 1]) frames.add("x".repeat(1_024 * kib));
  const taken: number[][] = [];
  for (let next = frames.oldest(); next.length > 0; next = frames.oldest()) {
    taken.push(next.map(({ bytes }) => bytes / 1_024));
    frames.answered(next.length);
  }
  assertEquals(taken, [[30, 30], [30], [100], [1]]);
});

Deno.test("UnansweredFrames.clear gives back all of the budget", () => {
  const { frames, budget } = setUp();
  for (const frame of ["1", "22", "333"]) frames.add(frame);
  assertEquals(budget.size, 6);
  frames.clear();
  assertEquals([budget.size, frames.size, frames.oldest()], [0, 0, []]);
});
