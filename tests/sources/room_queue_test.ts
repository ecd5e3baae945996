/** RoomQueue: notifications wait for room in order, and not for ever. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { RoomQueue } from "../../src/sources/room_queue.ts";

/** A queue with room for so many; what is let through takes it. */
function setUp(room: number) {
  const state = { room, passed: [] as number[] };
  const queue = new RoomQueue({ hasRoomFor: (count) => count <= state.room });
  const enter = (count: number) =>
    queue.roomFor(count).then(() => {
      state.passed.push(count);
      state.room -= count;
    });
  return { state, enter };
}

Deno.test("RoomQueue lets through at once what has room", async () => {
  const { state, enter } = setUp(10);
  await enter(10);
  assertEquals(state.passed, [10]);
});

Deno.test("RoomQueue lets through in order, and only as much as there is room for", async () => {
  using time = new FakeTime();
  const { state, enter } = setUp(0);
  const all = [8, 1, 2].map(enter);
  await time.tickAsync(100);
  assertEquals(state.passed, []);
  state.room = 2; // enough for those that came later, which wait nevertheless
  await time.tickAsync(100);
  assertEquals(state.passed, []);
  state.room = 10;
  await time.tickAsync(100);
  assertEquals([state.passed, state.room], [[8, 1], 1]);
  state.room = 2;
  await time.tickAsync(100);
  await Promise.all(all);
  assertEquals(state.passed, [8, 1, 2]);
});

Deno.test("RoomQueue lets through after 30 seconds what has no room, which is then refused", async () => {
  using time = new FakeTime();
  const { state, enter } = setUp(0);
  const entered = enter(1);
  await time.tickAsync(29_900);
  assertEquals(state.passed, []);
  await time.tickAsync(200);
  await entered;
});
