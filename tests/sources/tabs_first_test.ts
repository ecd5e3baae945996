/** tabsFirst: what is posted is sent before it is answered, unless much waits. */

import { assertEquals, assertRejects } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Hub } from "../../src/hub/hub.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { Pacer } from "../../src/hub/pacer.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import { appendTo } from "../../src/sources/append.ts";
import { reported } from "../../src/sources/reported.ts";
import { tabsFirst } from "../../src/sources/tabs_first.ts";
import { drafts } from "./some_drafts.ts";

const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 1_000_000 };

/** A live connection that notes each flush. */
function tab(log: string[]): Connection {
  const outbox = new Outbox(null, { maxBytes: 1_000_000 });
  outbox.beginPage();
  outbox.endPage({ next: "", more: false });
  const flush = () => void log.push(`sent ${outbox.take(64 * 1024).length}`);
  const pump = { flush, finish: () => Promise.resolve() };
  return { id: "c", target: "alexander", transport: "websocket", connectedAt: 0, outbox, pump };
}

/** What a hub with one tab sends, and when each append is answered, with all that a node has between them. */
async function logOf(appends: readonly number[]): Promise<string[]> {
  const log: string[] = [];
  const feed = new NotificationFeed(1_000);
  const pace = new Pacer({ nextTurn, now: () => 0, minMs: 0, maxMs: 0 });
  const hub = new Hub(feed, { capacity: 10, pace });
  const journal = new MemoryJournal(feed, RETENTION);
  const running = hub.run();
  await journal.follow("alexander");
  await hub.registrations.send(tab(log));
  await hub.connectionsOf("alexander");
  const { append: appendHere } = appendTo(journal, { room: feed.notifications, isDraining: () => false });
  const appendAndReport = reported(appendHere, { retention: RETENTION, accepted: () => {} });
  const append = tabsFirst(appendAndReport, { waiting: feed.notifications, nextTurn });
  await Promise.all(appends.map(async (count) => {
    const { length } = await append(drafts(count));
    log.push(`answered ${length}`);
  }));
  hub.close();
  await running;
  return log;
}

Deno.test("tabsFirst answers what came in a turn after the hub has sent it", async () => {
  assertEquals(await logOf([1]), ["sent 1", "answered 1"]);
  assertEquals(await logOf([1, 2, 3]), ["sent 6", "answered 1", "answered 2", "answered 3"]);
});

Deno.test("tabsFirst answers at once where much waits", async () => {
  assertEquals(await logOf([100, 1]), ["answered 100", "answered 1", "sent 101"]);
});

Deno.test("tabsFirst waits once for all who wait, and not at all if nothing waits for the hub", async () => {
  const waiting = new Channel<number>(10);
  let turns = 0;
  const append = tabsFirst((drafts) => Promise.resolve(drafts.map(() => ({ outcome: "conflict" }))), {
    waiting,
    nextTurn: () => nextTurn().then(() => void turns++),
  });
  await append(drafts(1));
  assertEquals(turns, 0);
  waiting.trySend(1);
  await Promise.all([append(drafts(1)), append(drafts(1))]);
  assertEquals(turns, 1);
  await append(drafts(1));
  assertEquals(turns, 2);
});

Deno.test("tabsFirst rejects as the append does", async () => {
  const append = tabsFirst(() => Promise.reject(new Error("no journal")), { waiting: { size: 1 }, nextTurn });
  await assertRejects(() => append(drafts(1)), Error, "no journal");
});
