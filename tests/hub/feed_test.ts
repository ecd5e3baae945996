/** Feed: what fits goes to the hub, what doesn't tears its target. */

import { assert, assertEquals } from "@std/assert";
import { NotificationFeed } from "../../src/hub/feed.ts";

function notification(target: string | null) {
  return { id: "id", target, position: "000001", text: "{}", bytes: 2 };
}

Deno.test("Feed.offer hands on what there is room for, and tears the target of what there is none for", () => {
  const feed = new NotificationFeed(1);
  assert(feed.offer(notification("alexander")));
  assert(!feed.offer(notification("burr")));
  assert(!feed.offer(notification("burr")));
  assert(!feed.offer(notification(null)));
  assertEquals(feed.notifications.drain().map(({ target }) => target), ["alexander"]);
  assertEquals(feed.gaps.drain().map((torn) => [...torn]), [["burr", null]]);
});

Deno.test("Feed.torn adds to the set that waits, and begins anew when that was taken and emptied", () => {
  const feed = new NotificationFeed(1);
  feed.gap("alexander");
  feed.gap("burr");
  assertEquals(feed.gaps.size, 1);
  for (const torn of feed.gaps.drain()) {
    assertEquals([...torn], ["alexander", "burr"]);
    torn.clear();
  }
  feed.gap("burr");
  assertEquals(feed.gaps.drain().map((torn) => [...torn]), [["burr"]]);
});

Deno.test("Feed.take takes as many as a turn may have, and then the rest", () => {
  const feed = new NotificationFeed(10_000);
  for (let n = 0; n < 4_095; n++) feed.offer(notification("alexander"));
  assert(!feed.hasTurn);
  for (let n = 0; n < 2_000; n++) feed.offer(notification("alexander"));
  assert(feed.hasTurn);
  assertEquals(feed.take().length, 4_096);
  assert(feed.hasTurn, "for something was left");
  assertEquals([feed.take().length, feed.take().length], [1_999, 0]);
  assert(!feed.hasTurn);
});

Deno.test("Feed.take takes no more bytes of a target than a turn may have, but always one", () => {
  const feed = new NotificationFeed(100, { bytesATarget: 512 * 1024 });
  const sizes = [["a", 300], ["b", 300], [null, 300], ["a", 200], ["a", 20], ["a", 600], ["b", 1]] as const;
  for (const [target, size] of sizes) feed.offer({ ...notification(target), bytes: 1_024 * size });
  const taken = sizes.map(() => feed.take().map(({ bytes }) => bytes / 1_024));
  assertEquals(taken, [[300, 300, 300, 200], [20], [600, 1], [], [], [], []]);
});
