/** PublishQueue: the order of calls, and what it holds while nothing can be sent. */

import { assertEquals, assertLess } from "@std/assert";
import { PublishCall } from "../../../src/client/publisher/publish_call.ts";
import { PublishQueue } from "../../../src/client/publisher/publish_queue.ts";
import { upTo } from "./calls.ts";

const LIMITS = { notifications: 3, bytes: 1_000 };
const IGNORED = { signal: undefined, resolve() {}, reject() {}, onOver() {} };

function call(number: number): PublishCall {
  return new PublishCall({ text: `${number}`, bytes: 1, notifications: 1, number }, IGNORED);
}

function queueOf(count: number): { queue: PublishQueue; calls: PublishCall[] } {
  const queue = new PublishQueue(), calls = upTo(count).map(call);
  for (const one of calls) queue.add(one);
  return { queue, calls };
}

/** Takes everything that may be sent. */
function takeAll(queue: PublishQueue): number[] {
  const taken: number[] = [];
  for (let one = queue.take(LIMITS); one !== undefined; one = queue.take(LIMITS)) taken.push(one.number);
  return taken;
}

Deno.test("PublishQueue.take gives what is repeated first, in the order of the calls", () => {
  const { queue } = queueOf(6);
  assertEquals(takeAll(queue), [0, 1, 2]);
  const [first, second] = [queue.answered(), queue.answered()];
  if (second !== undefined) queue.repeat(second);
  if (first !== undefined) queue.repeat(first);
  assertEquals(takeAll(queue), [0, 1]);
  queue.rewind();
  assertEquals(takeAll(queue), [0, 1, 2]);
  for (let answers = 0; answers < 3; answers++) queue.answered();
  assertEquals([takeAll(queue), queue.awaitsAnswer], [[3, 4, 5], true]);
});

Deno.test("PublishQueue.take leaves out what nobody waits for any more", () => {
  const { queue, calls } = queueOf(6);
  takeAll(queue);
  for (const one of [0, 2, 3]) calls[one]?.reject("aborted");
  queue.rewind();
  assertEquals(takeAll(queue), [1, 4, 5]);
});

Deno.test("PublishQueue.clear gives every call, whether it waits, was sent or is to be repeated", () => {
  const { queue } = queueOf(7);
  takeAll(queue);
  const first = queue.answered();
  if (first !== undefined) queue.repeat(first);
  assertEquals(queue.clear().map(({ number }) => number), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals([queue.clear(), queue.awaitsAnswer], [[], false]);
});

Deno.test("PublishQueue holds no texts, and few calls, that nobody waits for any more", () => {
  const queue = new PublishQueue(), kept = call(0);
  queue.add(kept);
  for (const number of upTo(20_000)) {
    const one = call(number + 1);
    queue.add(one);
    one.reject("aborted");
    assertEquals(one.text, "");
  }
  const held = queue.clear();
  assertLess(held.length, 2_500);
  assertEquals([held[0], kept.text], [kept, "0"]);
});
