/** drain: delivers what is queued, closes all connections spread over a window, and gives up in time. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { drain } from "../../src/service/drain.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { Outbox } from "../../src/hub/outbox.ts";

/** The collaborators of a drain, with connections that finish at once or, if they are stalled, never. */
function setUp({ count, isStalled = false }: { count: number; isStalled?: boolean }) {
  const finished: number[] = [];
  const queued = { size: 0 }, slots = { taken: count };
  let open: Connection[] = Array.from({ length: count }, (_, index) => {
    const pump = {
      flush: () => {},
      finish(): Promise<void> {
        finished.push(Date.now());
        if (isStalled) return new Promise(() => {});
        open = open.filter(({ id }) => id !== String(index));
        slots.taken--;
        return Promise.resolve();
      },
    };
    return {
      id: String(index),
      target: "alexander",
      transport: "websocket" as const,
      connectedAt: 0,
      outbox: new Outbox(null, { maxBytes: 1 }),
      pump,
    };
  });
  const connections = () => Promise.resolve(open);
  const stop = new AbortController();
  return { deps: { queued, connections, openSockets: () => slots.taken }, slots, finished, stop };
}

Deno.test("drain resolves at once if there are no connections", async () => {
  const { deps, stop } = setUp({ count: 0 });
  await drain(deps, { windowMs: 1_000, signal: stop.signal });
});

Deno.test("drain waits until the hub has offered what is queued before it closes a connection", async () => {
  const { deps, finished, stop } = setUp({ count: 1 });
  deps.queued.size = 3;
  const connections = () => {
    if (deps.queued.size > 0) {
      assertEquals(finished, []);
      deps.queued.size--;
    }
    return deps.connections();
  };
  using time = new FakeTime();
  const draining = drain({ ...deps, connections }, { windowMs: 0, signal: stop.signal });
  await time.tickAsync(10);
  await draining;
  assertEquals([deps.queued.size, finished.length], [0, 1]);
});

Deno.test("drain closes few connections a millisecond apart", async () => {
  using time = new FakeTime(0);
  const { deps, finished, stop } = setUp({ count: 5 });
  const draining = drain(deps, { windowMs: 4_000, signal: stop.signal });
  await time.tickAsync(10);
  await draining;
  assertEquals(finished, [0, 1, 2, 3, 4]);
});

Deno.test("drain spreads the closes of many connections over the window", async () => {
  using time = new FakeTime(0);
  const { deps, finished, stop } = setUp({ count: 1_000 });
  const draining = drain(deps, { windowMs: 100, signal: stop.signal });
  await time.tickAsync(200);
  await draining;
  assertEquals([
    finished.length,
    finished.filter((at) => at < 50).length >= 450,
    (finished.at(-1) ?? 0) <= 100,
  ], [1_000, true, true]);
});

Deno.test("drain gives up on stalled connections when the signal aborts", async () => {
  using time = new FakeTime(0);
  const { deps, stop } = setUp({ count: 3, isStalled: true });
  let isOver = false;
  const draining = drain(deps, { windowMs: 1_000, signal: stop.signal }).then(() => isOver = true);
  await time.tickAsync(60_000);
  assertEquals(isOver, false);
  stop.abort();
  await time.tickAsync(1);
  await draining;
});

Deno.test("drain waits at most a second for sockets whose browsers do not answer the close", async () => {
  using time = new FakeTime(0);
  const { deps, slots, stop } = setUp({ count: 1 });
  slots.taken = 2; // one more than is ever released
  let isOver = false;
  const draining = drain(deps, { windowMs: 1_000, signal: stop.signal }).then(() => isOver = true);
  await time.tickAsync(900);
  assertEquals(isOver, false);
  await time.tickAsync(200);
  assertEquals(isOver, true);
  await draining;
});

Deno.test("drain closes a connection whose socket opens while it waits for the last sockets", async () => {
  using time = new FakeTime(0);
  const { deps, finished, stop } = setUp({ count: 1 });
  let isOpen = false; // its slot is taken, and it has not registered with the hub
  const connections = async () => isOpen ? await deps.connections() : [];
  const draining = drain({ ...deps, connections }, { windowMs: 0, signal: stop.signal });
  await time.tickAsync(200);
  assertEquals(finished, []);
  isOpen = true;
  await time.tickAsync(20);
  assertEquals(finished.length, 1);
  await draining;
});

Deno.test("drain leaves no timer when it gives up", async () => {
  const { deps, stop } = setUp({ count: 0 });
  const openSockets = () => {
    queueMicrotask(() => stop.abort()); // when drain has begun to wait; the sanitizers of the test would report a timer
    return 1;
  };
  await drain({ ...deps, openSockets }, { windowMs: 0, signal: stop.signal });
});
