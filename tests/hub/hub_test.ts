/** Tests which connections the hub delivers to, in which order, and in which steps. */

import { assertEquals } from "@std/assert";
import { nextTurn } from "../../src/async/next_turn.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Hub } from "../../src/hub/hub.ts";
import { eventually } from "../eventually.ts";
import { notification, pacerWithoutRests, register, Tab, withHub } from "./test_hub.ts";

Deno.test("Hub delivers a notification to every connection of its target and to no other", async () => {
  await withHub({ capacity: 16 }, async (hub, feed) => {
    const alexanders = ["laptop", "tablet", "desktop"].map((id) => new Tab(id, "alexander"));
    const burr = new Tab("phone", "burr");
    await register(hub, ...alexanders, burr);
    feed.offer(notification(1, "alexander"));
    feed.offer(notification(2, "nobody"));
    await hub.connectionsOf(null);
    assertEquals([...alexanders, burr].map(({ received }) => received), [["1"], ["1"], ["1"], []]);
  });
});

Deno.test("Hub delivers a notification for everyone to every connection, in order with the others", async () => {
  await withHub({ capacity: 16 }, async (hub, feed) => {
    const tabs = [new Tab("laptop", "alexander"), new Tab("phone", "burr")];
    await register(hub, ...tabs);
    for (const [index, target] of ["alexander", null, "burr", null].entries()) {
      feed.offer(notification(index + 1, target));
    }
    await hub.connectionsOf(null);
    assertEquals(tabs.map(({ received }) => received), [["1", "2", "4"], ["2", "3", "4"]]);
  });
});

Deno.test("Hub flushes a connection once for all notifications of a turn", async () => {
  await withHub({ capacity: 100 }, async (hub, feed) => {
    const tab = new Tab("laptop", "alexander");
    await register(hub, tab);
    for (let n = 1; n <= 50; n++) feed.offer(notification(n, "alexander"));
    await hub.connectionsOf(null);
    assertEquals(tab.flushes.map(({ length }) => length), [50]);
  });
});

Deno.test("Hub drains at most 4,096 notifications a turn, so that sockets are flushed in between", async () => {
  await withHub({ capacity: 12_000 }, async (hub, feed) => {
    const tab = new Tab("laptop", "alexander");
    await register(hub, tab);
    for (let n = 1; n <= 10_000; n++) feed.offer(notification(n, "alexander"));
    await eventually(() => tab.received.length === 10_000, "the hub delivers everything");
    assertEquals(tab.flushes.map(({ length }) => length), [4_096, 4_096, 1_808]);
  });
});

Deno.test("Hub flushes at most 512 connections before the event loop has a turn", async () => {
  const tabs = Array.from({ length: 1_200 }, (_, index) => new Tab(`tab-${index}`, "alexander"));
  const flushed = () => tabs.filter(({ flushes }) => flushes.length > 0).length;
  const seen = new Set<number>();
  const turn = async () => {
    await nextTurn();
    seen.add(flushed());
  };
  await withHub({ capacity: 2_000, turn }, async (hub, feed) => {
    await register(hub, ...tabs);
    await hub.connectionsOf(null);
    for (let n = 1; n <= 3; n++) feed.offer(notification(n, n === 2 ? null : "alexander"));
    await eventually(() => flushed() === tabs.length, "the hub flushes every tab");
  });
  assertEquals([...seen], [0, 512, 1_024, 1_200]);
  assertEquals(
    new Set(tabs.map(({ flushes }) => flushes.join(" "))),
    new Set(["1,2,3"]),
    "in one frame each",
  );
});

Deno.test("Hub makes the connections of a target with a gap fall behind before it offers them anything newer", async () => {
  await withHub({ capacity: 1 }, async (hub, feed) => {
    const [withGap, withoutGap] = [new Tab("laptop", "alexander"), new Tab("phone", "burr")];
    await register(hub, withGap, withoutGap);
    await hub.connectionsOf(null);
    feed.offer(notification(1, "burr"));
    feed.offer(notification(2, "alexander")); // no room
    feed.notifications.drain();
    feed.offer(notification(3, "alexander"));
    await hub.connectionsOf(null);
    assertEquals([withGap.outbox.live, withoutGap.outbox.live], [false, true]);
    assertEquals([withGap.received, withGap.flushes.length], [[], 1], "flushed, with nothing in the outbox");
  });
});

Deno.test("Hub makes every connection fall behind when there is a gap for everyone", async () => {
  await withHub({ capacity: 4 }, async (hub, feed) => {
    const tabs = [new Tab("laptop", "alexander"), new Tab("phone", "burr")];
    await register(hub, ...tabs);
    feed.gap(null);
    await hub.connectionsOf(null);
    assertEquals(tabs.map(({ outbox }) => outbox.live), [false, false]);
  });
});

Deno.test("Hub.connectionsOf returns no connections when the hub has ended", async () => {
  const hub = new Hub(new NotificationFeed(1), {
    capacity: 1,
    pacer: pacerWithoutRests(() => Promise.resolve()),
  });
  hub.close();
  await hub.run();
  assertEquals(await hub.connectionsOf(null), []);
});

Deno.test("Hub.connectionsOf returns the connections of a target, or all connections", async () => {
  await withHub({ capacity: 16 }, async (hub) => {
    await register(
      hub,
      new Tab("laptop", "alexander"),
      new Tab("tablet", "alexander"),
      new Tab("phone", "burr"),
    );
    const ids = async (target: string | null) => (await hub.connectionsOf(target)).map(({ id }) => id);
    assertEquals(await ids("alexander"), ["laptop", "tablet"]);
    assertEquals(await ids("jefferson"), []);
    assertEquals(await ids(null), ["laptop", "tablet", "phone"]);
  });
});

Deno.test("Hub.run ends when the hub is closed and everything that was queued is done", async () => {
  const feed = new NotificationFeed(16);
  const hub = new Hub(feed, { capacity: 16, pacer: pacerWithoutRests(nextTurn) });
  const tab = new Tab("laptop", "alexander");
  await hub.registrations.send(tab);
  feed.offer(notification(1, "alexander"));
  const running = hub.run();
  hub.close();
  await running;
  assertEquals(tab.received, ["1"]);
});
