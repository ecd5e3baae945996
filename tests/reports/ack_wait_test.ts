/** Tests AckWait: which connections it waits for, and when it settles. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { AckWait } from "../../src/reports/ack_wait.ts";
import {
  AckWaitModel,
  awaited,
  BEFORE,
  connections,
  FIRST,
  NOW,
  SECOND,
  type Step,
  Tab,
  TestNode,
} from "./ack_wait_model.ts";

async function isSettled(wait: AckWait): Promise<boolean> {
  const notYet = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
  return await Promise.race([wait.settled.then(() => true), notYet]);
}

Deno.test("AckWait settles when it has started without connections, and not before", async () => {
  using wait = new TestNode().wait(FIRST);
  assertEquals(await isSettled(wait), false);
  wait.start(connections());
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait settles when all connections that were sent the notification have acked, even before the start", async () => {
  const node = new TestNode();
  const [one, two] = [new Tab("1"), new Tab("2")];
  using wait = node.wait(FIRST);
  node.send(FIRST, one, two);
  node.ack(FIRST, one);
  wait.start(connections(one, two));
  assertEquals(await isSettled(wait), false);
  node.ack(FIRST, two);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait waits for an open connection that was not sent the notification yet", async () => {
  const node = new TestNode();
  const [fast, slow] = [new Tab("1"), new Tab("2")];
  using wait = node.wait(FIRST);
  node.send(FIRST, fast);
  node.ack(FIRST, fast);
  wait.start(connections(fast, slow));
  assertEquals(await isSettled(wait), false, "the slow one has not received it");
  node.send(FIRST, slow);
  assertEquals(await isSettled(wait), false, "the slow one has not acked");
  node.ack(FIRST, slow);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait does not expect new connections to receive it, but waits for any connection that is sent it", async () => {
  const node = new TestNode();
  const [slow, resumed] = [new Tab("1"), new Tab("2")];
  using wait = node.wait(FIRST);
  wait.start(connections(slow, new Tab("3", FIRST), new Tab("4", SECOND), new Tab("5", null)));
  node.send(FIRST, resumed);
  node.send(FIRST, slow);
  node.ack(FIRST, slow);
  assertEquals(await isSettled(wait), false, "the resumed one has not acked");
  node.ack(FIRST, resumed);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait does not wait for a connection that is behind if the notification has expired, but for a live one", async () => {
  const node = new TestNode();
  const [behind, live] = [new Tab("1"), new Tab("2")];
  live.outbox.beginPage();
  live.outbox.endPage({ next: BEFORE, more: false });
  using wait = node.reports.wait([{ ...awaited(FIRST), expiresAt: NOW }]); // as with a ttl of 0
  wait.start(connections(behind, live));
  assertEquals(await isSettled(wait), false);
  node.send(FIRST, live);
  node.ack(FIRST, live);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait does not wait for a connection that closes, before or after it was sent the notification", async () => {
  const node = new TestNode();
  const [sent, slow] = [new Tab("1"), new Tab("2")];
  using wait = node.wait(FIRST);
  node.send(FIRST, sent);
  wait.start(connections(sent, slow));
  node.reports.left(slow);
  assertEquals(await isSettled(wait), false);
  node.reports.left({ id: "1", target: "burr" });
  assertEquals(await isSettled(wait), false, "a connection of another target has closed");
  node.reports.left(sent);
  assertEquals(await isSettled(wait), true);
});

Deno.test("Reports counts an ack that arrives after the end of its connection, also while a publisher waits", async () => {
  const node = new TestNode();
  const [gone, open] = [new Tab("1"), new Tab("2")];
  using wait = node.wait(FIRST);
  node.send(FIRST, gone, open);
  wait.start(connections(gone, open));
  node.reports.left(gone);
  node.ack(FIRST, gone);
  assertEquals(node.reports.get(FIRST)?.acked, 1);
  node.ack(FIRST, gone);
  assertEquals([node.reports.get(FIRST)?.acked, await isSettled(wait)], [1, false]);
  node.ack(FIRST, open);
  assertEquals([node.reports.get(FIRST)?.acked, await isSettled(wait)], [2, true]);
});

Deno.test("AckWait does not wait for a connection that closes between the hub's answer and the start", async () => {
  const node = new TestNode();
  const [sent, slow] = [new Tab("1"), new Tab("2")];
  using wait = node.wait(FIRST);
  node.send(FIRST, sent);
  node.reports.left(sent);
  node.reports.left(slow);
  wait.start(connections(sent, slow));
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait does not wait for a connection that was sent the notification and closed before the wait began", async () => {
  const node = new TestNode();
  const [gone, stays, late] = [new Tab("1"), new Tab("2"), new Tab("3")];
  node.send(FIRST, gone, stays);
  node.reports.left(gone); // there is no wait that could notice it
  using wait = node.wait(FIRST);
  node.send(FIRST, late); // it connected after the hub was queried
  wait.start(connections(stays));
  node.ack(FIRST, stays);
  assertEquals(await isSettled(wait), false, "the late one has not acked");
  node.ack(FIRST, late);
  assertEquals(await isSettled(wait), true);
  assertEquals(node.reports.get(FIRST)?.acked, 2);
});

Deno.test("AckWait settles when all of its notifications are settled at once", async () => {
  const node = new TestNode();
  const tab = new Tab("1");
  using wait = node.wait(FIRST, SECOND);
  wait.start(connections(tab));
  node.send(FIRST, tab);
  node.ack(FIRST, tab);
  assertEquals(await isSettled(wait), false);
  const other = new Tab("2");
  node.send(FIRST, other);
  node.send(SECOND, tab);
  node.ack(SECOND, tab);
  assertEquals(await isSettled(wait), false, "the first notification was sent to another connection");
  node.ack(FIRST, other);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait waits for the notifications that a connection has yet to receive, and not for the others", async () => {
  const node = new TestNode();
  const tab = new Tab("1", FIRST); // it has received the first one, or connected after it
  using wait = node.wait(FIRST, SECOND);
  wait.start(connections(tab));
  node.send(SECOND, tab);
  assertEquals(await isSettled(wait), false);
  node.ack(SECOND, tab);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait waits for the connections of each target, and for all connections", async () => {
  const node = new TestNode();
  const [alexander, burr, clinton] = [
    new Tab("1"),
    new Tab("2", BEFORE, "burr"),
    new Tab("3", BEFORE, "clinton"),
  ];
  using wait = node.reports.wait([awaited(FIRST), awaited(FIRST, "burr"), awaited(SECOND, null)]);
  assertEquals([...wait.targets], ["alexander", "burr", null]);
  const all = [alexander, burr, clinton];
  wait.start(new Map([["alexander", [alexander]], ["burr", [burr]], [null, all]]));
  for (const position of [FIRST, SECOND]) {
    node.send(position, alexander);
    node.ack(position, alexander);
  }
  node.reports.left(burr);
  assertEquals(await isSettled(wait), false);
  node.send(SECOND, clinton);
  node.reports.left(clinton);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait is independent of another wait for the same notification", async () => {
  const node = new TestNode();
  const tab = new Tab("1");
  using wait = node.wait(FIRST);
  wait.start(connections(tab));
  {
    using other = node.wait(FIRST);
    other.start(connections(tab));
  }
  node.send(FIRST, tab);
  assertEquals(await isSettled(wait), false);
  node.reports.left(tab);
  assertEquals(await isSettled(wait), true);
});

Deno.test("AckWait leaves nothing behind: a connection that closes after the wait can still have acked", async () => {
  const node = new TestNode();
  const tab = new Tab("1");
  {
    using wait = node.wait(FIRST);
    wait.start(connections(tab));
    node.send(FIRST, tab);
    assertEquals(await isSettled(wait), false);
  }
  node.reports.left(tab);
  node.ack(FIRST, tab); // the ack was in flight
  assertEquals(node.reports.get(FIRST)?.acked, 1);
});

Deno.test("AckWait settles when the report is dropped", async () => {
  const node = new TestNode({ maxReports: 1 });
  const tab = new Tab("1");
  using wait = node.wait(FIRST);
  using unknown = node.wait(FIRST);
  wait.start(connections(tab));
  node.reports.accepted(SECOND, NOW);
  assertEquals(await isSettled(wait), true);
  unknown.start(connections(tab)); // after the report was dropped
  assertEquals(await isSettled(unknown), true);
  using later = node.wait(FIRST);
  later.start(connections(tab));
  assertEquals([await isSettled(later), node.reports.get(FIRST)], [true, null]);
});

Deno.test("AckWait creates a report for a notification that was accepted on another node", () => {
  const node = new TestNode();
  using _ = node.wait(FIRST);
  assertEquals(node.reports.get(FIRST)?.acceptedAt, NOW);
});

Deno.test("AckWait expects a limited number of connections, and frees their room when it ends", async () => {
  const node = new TestNode({ maxExpected: 2 });
  const tabs = ["1", "2", "3"].map((id) => new Tab(id));
  const wait = node.wait(FIRST);
  wait.start(connections(...tabs));
  using second = node.wait(SECOND);
  second.start(connections(...tabs));
  assertEquals(await isSettled(second), true, "there is no room for more connections");
  for (const tab of tabs.slice(0, 2)) node.reports.left(tab);
  assertEquals(await isSettled(wait), true);
  const third = node.wait("p3");
  third.start(connections(...tabs));
  third[Symbol.dispose]();
  wait[Symbol.dispose]();
  using fourth = node.wait("p4");
  fourth.start(connections(...tabs.slice(0, 2)));
  assertEquals(await isSettled(fourth), false);
  node.send("p4", ...tabs);
  node.ack("p4", ...tabs);
  assertEquals(await isSettled(fourth), true);
});

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom("connect", "resume", "send", "ack", "close"), fc.nat({ max: 7 })),
  fc.tuple(fc.constantFrom("wait", "queryHub", "start"), fc.constant(null)),
);

Deno.test("AckWait settles when every known connection has acked or closed, in any order of events", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 4 }),
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (count, steps) => {
        const model = new AckWaitModel(count);
        for (const step of steps) {
          model.run(step);
          if (model.wait !== undefined) assertEquals(await isSettledInMicrotask(model.wait), model.isOver);
        }
        model.wait?.[Symbol.dispose]();
      },
    ),
    { numRuns: 500 },
  );
});

/** The same as `isSettled` without a turn of the event loop, because the property test calls it very often. */
async function isSettledInMicrotask(wait: AckWait): Promise<boolean> {
  const notYet = Promise.resolve().then(() => Promise.resolve(false));
  return await Promise.race([wait.settled.then(() => true), notYet]);
}
