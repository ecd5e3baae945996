/** RecentMessages: by the messages that it knows, it recognises the history of a stream. */

import { assertEquals } from "@std/assert";
import { RecentMessages } from "../../../src/journal/nats/recent_messages.ts";

/** A stream that has these messages, as pairs of a number and a stamp. */
function stream(...stored: readonly (readonly [number, string])[]) {
  const byNumber = new Map(stored);
  return { first: 1, stampAt: (sequence: number) => Promise.resolve(byNumber.get(sequence)) };
}

function recent(...known: readonly (readonly [number, string])[]): RecentMessages {
  const messages = new RecentMessages();
  for (const [sequence, stamp] of known) messages.add({ sequence, stamp });
  return messages;
}

Deno.test("RecentMessages asks for its newest message that is still stored", async () => {
  const messages = recent([1, "a"], [3, "c"], [2, "b"]);
  assertEquals(await messages.areIn(stream([1, "a"], [2, "b"], [3, "c"], [4, "d"])), true);
  assertEquals(await messages.areIn(stream([1, "a"], [2, "b"], [3, "x"])), false);
  assertEquals(await messages.areIn(stream([1, "a"], [2, "x"])), false, "3 was replaced");
  assertEquals(await messages.areIn(stream([1, "a"])), true);
});

Deno.test("RecentMessages finds nothing that speaks against a stream if all it knows has expired", async () => {
  assertEquals(await recent().areIn(stream([1, "a"])), true);
  assertEquals(await recent([1, "a"], [2, "b"]).areIn({ ...stream([5, "e"]), first: 5 }), true);
  assertEquals(await recent([1, "a"], [6, "f"]).areIn({ ...stream([5, "e"]), first: 5 }), false);
});

Deno.test("RecentMessages remembers the latest messages and a marker, and the highest number", async () => {
  const messages = new RecentMessages();
  messages.addMarker({ sequence: 1, stamp: "marker" });
  for (let sequence = 2; sequence <= 100; sequence++) messages.add({ sequence, stamp: `${sequence}` });
  assertEquals(messages.newest, 100);
  assertEquals(await messages.areIn(stream([1, "marker"], [50, "x"])), true, "50 is forgotten");
  assertEquals(await messages.areIn(stream([1, "x"], [50, "x"])), false);
  messages.forget();
  assertEquals([messages.newest, await messages.areIn(stream([100, "x"]))], [0, true]);
});

Deno.test("RecentMessages adds nothing while it is frozen", async () => {
  const messages = recent([1, "a"]);
  messages.freeze();
  messages.add({ sequence: 2, stamp: "x" });
  messages.addMarker({ sequence: 3, stamp: "x" });
  assertEquals([messages.newest, await messages.areIn(stream([1, "a"], [2, "b"]))], [1, true]);
  messages.unfreeze();
  messages.add({ sequence: 2, stamp: "b" });
  assertEquals(messages.newest, 2);
});
