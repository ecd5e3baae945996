/** Tests what the feed hands to the hub in a turn, and which gaps it notes. */

import { assert, assertEquals } from "@std/assert";
import { NotificationFeed } from "../../src/hub/feed.ts";

function notification(target: string | null) {
  return { id: "id", target, position: "000001", text: "{}", bytes: 2 };
}

Deno.test("NotificationFeed.offer hands over what there is room for, and notes a gap for each other target", () => {
  const feed = new NotificationFeed(1);
  assert(feed.offer(notification("alexander")));
  assert(!feed.offer(notification("burr")));
  assert(!feed.offer(notification("burr")));
  assert(!feed.offer(notification(null)));
  assertEquals(feed.notifications.drain().map(({ target }) => target), ["alexander"]);
  assertEquals([...feed.takeGaps().keys()], ["burr", null]);
});

Deno.test("NotificationFeed.takeGaps returns the gaps since it was last called", () => {
  const feed = new NotificationFeed(1);
  assertEquals([...feed.takeGaps()], []);
  feed.gap("alexander");
  feed.gap("burr");
  assertEquals(feed.gapSignal.size, 1);
  assertEquals([...feed.takeGaps().keys()], ["alexander", "burr"]);
  assertEquals(feed.gapSignal.size, 0);
  feed.gap("burr");
  assertEquals([...feed.takeGaps().keys()], ["burr"]);
});

Deno.test("NotificationFeed.take takes as many notifications as a turn may bring, and then the rest", () => {
  const feed = new NotificationFeed(10_000);
  for (let n = 0; n < 4_095; n++) feed.offer(notification("alexander"));
  assert(!feed.hasFullTurn);
  for (let n = 0; n < 2_000; n++) feed.offer(notification("alexander"));
  assert(feed.hasFullTurn);
  assertEquals(feed.take().length, 4_096);
  assert(feed.hasFullTurn, "the first turn left something");
  assertEquals([feed.take().length, feed.take().length], [1_999, 0]);
  assert(!feed.hasFullTurn);
});

Deno.test("NotificationFeed.take takes at most the bytes that a turn may bring a target, but at least one notification", () => {
  const feed = new NotificationFeed(100, { bytesPerTarget: 512 * 1024 });
  const sizes = [["a", 300], ["b", 300], [null, 300], ["a", 200], ["a", 20], ["a", 600], ["b", 1]] as const;
  for (const [target, size] of sizes) feed.offer({ ...notification(target), bytes: 1_024 * size });
  const taken = sizes.map(() => feed.take().map(({ bytes }) => bytes / 1_024));
  assertEquals(taken, [[300, 300, 300, 200], [20], [600, 1], [], [], [], []]);
});
