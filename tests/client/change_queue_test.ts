/** ChangeQueue: keeps the last word about each notification, in messages that the service accepts. */

import { assertEquals } from "@std/assert";
import { ChangeQueue } from "../../src/client/change_queue.ts";
import type { OwnChange } from "../../src/client/own_change.ts";

function positions(type: "read" | "unread", ...all: string[]): OwnChange {
  return { type, positions: new Set(all) };
}

/** Everything that it sends. */
function taken(queue: ChangeQueue): OwnChange[] {
  const change = queue.take();
  return change === null ? [] : [change, ...taken(queue)];
}

Deno.test("ChangeQueue sends only the last word about a notification", () => {
  const queue = new ChangeQueue();
  queue.add(positions("read", "j-1", "j-2", "j-5"));
  queue.add(positions("unread", "j-2"));
  assertEquals(["j-1", "j-2", "j-3"].map((one) => queue.effectOn(one)), [true, false, undefined]);
  assertEquals(taken(queue), [positions("read", "j-1", "j-5"), positions("unread", "j-2")]);
});

Deno.test("ChangeQueue sends first up to where everything is read, and drops the words that this overrides", () => {
  const queue = new ChangeQueue();
  queue.add(positions("unread", "j-1", "j-7"));
  queue.add({ type: "read", through: "j-5" });
  queue.add({ type: "read", through: "j-3" });
  queue.add(positions("unread", "j-4"));
  assertEquals(["j-1", "j-4", "j-5", "j-6", "j-7"].map((one) => queue.effectOn(one)), [
    ...[true, false, true, undefined, false],
  ]);
  assertEquals([queue.covers("j-5"), queue.covers("j-6"), queue.covers("other-1")], [true, false, false]);
  assertEquals(taken(queue), [{ type: "read", through: "j-5" }, positions("unread", "j-7", "j-4")]);
});

Deno.test("ChangeQueue splits what is too much for a message", () => {
  const queue = new ChangeQueue();
  const all = Array.from({ length: 2_500 }, (_, n) => `j-${n}`);
  queue.add(positions("read", ...all));
  const sizes = taken(queue).map((change) => "positions" in change ? change.positions.size : 0);
  assertEquals(sizes, [1_000, 1_000, 500]);
});
