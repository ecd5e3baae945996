/** Hub: who gets what, in which order, and that nobody stays who has left. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { Connection } from "../../src/hub/connection.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Hub } from "../../src/hub/hub.ts";
import { Pacer } from "../../src/hub/pacer.ts";
import { Outbox } from "../../src/hub/outbox.ts";

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Without any rest. */
function paceOf(nextTurn: () => Promise<void>): Pacer {
  return new Pacer({ nextTurn, now: () => 0, minMs: 0, maxMs: 0 });
}

function notification(n: number, target: string | null) {
  return { id: `id-${n}`, target, position: String(n).padStart(6, "0"), text: String(n), bytes: 6 };
}

/** A live connection that notes what it is flushed, a list for each flush. */
class Tab implements Connection {
  readonly transport = "websocket";
  readonly connectedAt = 0;
  readonly outbox = new Outbox(null, { maxBytes: 1_000_000 });
  readonly flushes: string[][] = [];
  readonly pump = {
    flush: () => void this.flushes.push(this.outbox.take(64 * 1024).map(({ text }) => text)),
    finish: () => Promise.resolve(),
  };

  constructor(readonly id: string, readonly target: string) {
    this.outbox.beginPage();
    this.outbox.endPage({ next: "", more: false });
  }

  get got(): string[] {
    return this.flushes.flat();
  }
}

/** A hub that runs while the test does. */
async function withHub(
  { capacity, turn = nextTurn }: { capacity: number; turn?: () => Promise<void> },
  test: (hub: Hub, feed: NotificationFeed) => Promise<void>,
): Promise<void> {
  const feed = new NotificationFeed(capacity);
  const hub = new Hub(feed, { capacity, pacer: paceOf(turn) });
  const running = hub.run();
  try {
    await test(hub, feed);
  } finally {
    hub.close();
    await running;
  }
}

async function register(hub: Hub, ...tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) await hub.registrations.send(tab);
}

Deno.test("Hub puts a notification on every connection of its target and on no other", async () => {
  await withHub({ capacity: 16 }, async (hub, feed) => {
    const alexanders = ["laptop", "tablet", "desktop"].map((id) => new Tab(id, "alexander"));
    const burr = new Tab("phone", "burr");
    await register(hub, ...alexanders, burr);
    feed.offer(notification(1, "alexander"));
    feed.offer(notification(2, "nobody"));
    await hub.connectionsOf(null);
    assertEquals([...alexanders, burr].map(({ got }) => got), [["1"], ["1"], ["1"], []]);
  });
});

Deno.test("Hub puts what is for everyone on every connection, in order with the rest", async () => {
  await withHub({ capacity: 16 }, async (hub, feed) => {
    const tabs = [new Tab("laptop", "alexander"), new Tab("phone", "burr")];
    await register(hub, ...tabs);
    for (const [index, target] of ["alexander", null, "burr", null].entries()) {
      feed.offer(notification(index + 1, target));
    }
    await hub.connectionsOf(null);
    assertEquals(tabs.map(({ got }) => got), [["1", "2", "4"], ["2", "3", "4"]]);
  });
});

Deno.test("Hub flushes a connection once for all that a turn brings", async () => {
  await withHub({ capacity: 100 }, async (hub, feed) => {
    const tab = new Tab("laptop", "alexander");
    await register(hub, tab);
    for (let n = 1; n <= 50; n++) feed.offer(notification(n, "alexander"));
    await hub.connectionsOf(null);
    assertEquals(tab.flushes.map(({ length }) => length), [50]);
  });
});

Deno.test("Hub drains no more than a number of notifications a turn, so that sockets get theirs in between", async () => {
  await withHub({ capacity: 12_000 }, async (hub, feed) => {
    const tab = new Tab("laptop", "alexander");
    await register(hub, tab);
    for (let n = 1; n <= 10_000; n++) feed.offer(notification(n, "alexander"));
    while (tab.got.length < 10_000) await nextTurn();
    assertEquals(tab.flushes.map(({ length }) => length), [4_096, 4_096, 1_808]);
  });
});

Deno.test("Hub flushes no more than a number of connections before the event loop has its turn", async () => {
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
    while (flushed() < tabs.length) await nextTurn();
  });
  assertEquals([...seen], [0, 512, 1_024, 1_200]);
  assertEquals(
    new Set(tabs.map(({ flushes }) => flushes.join(" "))),
    new Set(["1,2,3"]),
    "in one frame each",
  );
});

Deno.test("Hub stops delivering to a connection that deregistered", async () => {
  await withHub({ capacity: 16 }, async (hub, feed) => {
    const [stays, goes] = [new Tab("laptop", "alexander"), new Tab("tablet", "alexander")];
    await register(hub, stays, goes);
    await hub.deregistrations.send(goes);
    await hub.connectionsOf(null);
    feed.offer(notification(1, "alexander"));
    assertEquals((await hub.connectionsOf("alexander")).map(({ id }) => id), ["laptop"]);
    assertEquals([stays.got, goes.got], [["1"], []]);
  });
});

Deno.test("Hub has those whose feed is torn fall behind before they are offered anything newer", async () => {
  await withHub({ capacity: 1 }, async (hub, feed) => {
    const [torn, whole] = [new Tab("laptop", "alexander"), new Tab("phone", "burr")];
    await register(hub, torn, whole);
    await hub.connectionsOf(null);
    feed.offer(notification(1, "burr"));
    feed.offer(notification(2, "alexander")); // no room
    feed.notifications.drain();
    feed.offer(notification(3, "alexander"));
    await hub.connectionsOf(null);
    assertEquals([torn.outbox.live, whole.outbox.live], [false, true]);
    assertEquals([torn.got, torn.flushes.length], [[], 1], "told to flush, with nothing in the outbox");
  });
});

Deno.test("Hub has everybody fall behind when the feed of all is torn", async () => {
  await withHub({ capacity: 4 }, async (hub, feed) => {
    const tabs = [new Tab("laptop", "alexander"), new Tab("phone", "burr")];
    await register(hub, ...tabs);
    feed.gap(null);
    await hub.connectionsOf(null);
    assertEquals(tabs.map(({ outbox }) => outbox.live), [false, false]);
  });
});

Deno.test("Hub.connectionsOf finds none when the hub has ended", async () => {
  const hub = new Hub(new NotificationFeed(1), { capacity: 1, pacer: paceOf(() => Promise.resolve()) });
  hub.close();
  await hub.run();
  assertEquals(await hub.connectionsOf(null), []);
});

Deno.test("Hub.connectionsOf answers for a target, and for all", async () => {
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

Deno.test("Hub.run ends when the hub is closed, after all that is queued is done", async () => {
  const feed = new NotificationFeed(16);
  const hub = new Hub(feed, { capacity: 16, pacer: paceOf(nextTurn) });
  const tab = new Tab("laptop", "alexander");
  await hub.registrations.send(tab);
  feed.offer(notification(1, "alexander"));
  const running = hub.run();
  hub.close();
  await running;
  assertEquals(tab.got, ["1"]);
});

Deno.test("Hub keeps no ghost: in a burst through channels of 2, no deregistration overtakes its registration", async () => {
  const burst = fc.record({
    tabs: fc.array(fc.record({ target: fc.constantFrom("alexander", "burr"), stays: fc.nat({ max: 5 }) }), {
      minLength: 1,
      maxLength: 60,
    }),
    turns: fc.infiniteStream(fc.nat({ max: 3 })), // how late the next turn comes
  });
  await fc.assert(
    fc.asyncProperty(burst, async ({ tabs, turns }) => {
      const turn = async () => {
        for (let late = turns.next().value ?? 0; late > 0; late--) await Promise.resolve();
        await nextTurn();
      };
      await withHub({ capacity: 2, turn }, async (hub, feed) => {
        await Promise.all(tabs.map(async ({ target, stays }, index) => {
          const tab = new Tab(`tab-${index}`, target);
          await hub.registrations.send(tab);
          for (let late = stays; late > 0; late--) await Promise.resolve();
          feed.offer(notification(index + 1, target));
          await hub.deregistrations.send(tab);
        }));
        assertEquals((await hub.connectionsOf(null)).length, 0);
      });
    }),
    { numRuns: 200 },
  );
});

Deno.test("Hub delivers to a connection everything that is offered after its registration was taken", async () => {
  await withHub({ capacity: 2 }, async (hub, feed) => {
    const tabs = Array.from({ length: 40 }, (_, index) => new Tab(`tab-${index}`, "alexander"));
    let n = 0;
    const expected = await Promise.all(tabs.map(async (tab) => {
      await hub.registrations.send(tab);
      const first = ++n;
      const isTaken = feed.offer(notification(first, "alexander"));
      return { first, isTaken };
    }));
    await hub.connectionsOf(null);
    for (const [index, { first, isTaken }] of expected.entries()) {
      const tab = tabs[index];
      assert(
        tab?.outbox.live === false || !isTaken || tab?.got.includes(String(first)),
        `${tab?.id} missed ${first}`,
      );
    }
    assert(tabs.some(({ got }) => got.length > 0));
  });
});
