/** Feed: what fits goes to the hub, what doesn't tears its target. */

import { assert, assertEquals } from "@std/assert";
import { Feed } from "../../src/hub/feed.ts";

function notification(target: string | null) {
  return { id: "id", target, position: "000001", text: "{}", bytes: 2 };
}

Deno.test("Feed.offer hands on what there is room for, and tears the target of what there is none for", () => {
  const feed = new Feed(1);
  assert(feed.offer(notification("alexander")));
  assert(!feed.offer(notification("burr")));
  assert(!feed.offer(notification("burr")));
  assert(!feed.offer(notification(null)));
  assertEquals(feed.notifications.drain().map(({ target }) => target), ["alexander"]);
  assertEquals(feed.tears.drain().map((torn) => [...torn]), [["burr", null]]);
});

Deno.test("Feed.torn adds to the set that waits, and begins anew when that was taken and emptied", () => {
  const feed = new Feed(1);
  feed.torn("alexander");
  feed.torn("burr");
  assertEquals(feed.tears.size, 1);
  for (const torn of feed.tears.drain()) {
    assertEquals([...torn], ["alexander", "burr"]);
    torn.clear();
  }
  feed.torn("burr");
  assertEquals(feed.tears.drain().map((torn) => [...torn]), [["burr"]]);
});
