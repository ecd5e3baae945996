/** Draining: first what is queued, then everybody, spread over a window, and never for too long. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { drain } from "../../src/service/drain.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { Outbox } from "../../src/hub/outbox.ts";

/** A node with connections that finish at once, or never. */
function bench({ count, stuck = false }: { count: number; stuck?: boolean }) {
  const finished: number[] = [];
  const queued = { size: 0 }, slots = { taken: count };
  let left: Connection[] = Array.from({ length: count }, (_, index) => {
    const pump = {
      flush: () => {},
      finish(): Promise<void> {
        finished.push(Date.now());
        if (stuck) return new Promise(() => {});
        left = left.filter(({ id }) => id !== String(index));
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
  const connections = () => Promise.resolve(left);
  const stop = new AbortController();
  return { parts: { queued, slots, connections }, finished, stop };
}

Deno.test("drain resolves at once when nobody is connected", async () => {
  const { parts, stop } = bench({ count: 0 });
  await drain(parts, { windowMs: 1_000, signal: stop.signal });
});

Deno.test("drain waits until the hub has offered what is queued, before anybody is sent away", async () => {
  const { parts, finished, stop } = bench({ count: 1 });
  parts.queued.size = 3;
  const connections = () => {
    if (parts.queued.size > 0) {
      assertEquals(finished, []);
      parts.queued.size--;
    }
    return parts.connections();
  };
  using time = new FakeTime();
  const draining = drain({ ...parts, connections }, { windowMs: 0, signal: stop.signal });
  await time.tickAsync(10);
  await draining;
  assertEquals([parts.queued.size, finished.length], [0, 1]);
});

Deno.test("drain sends few browsers away a millisecond apart", async () => {
  using time = new FakeTime(0);
  const { parts, finished, stop } = bench({ count: 5 });
  const draining = drain(parts, { windowMs: 4_000, signal: stop.signal });
  await time.tickAsync(10);
  await draining;
  assertEquals(finished, [0, 1, 2, 3, 4]);
});

Deno.test("drain sends many browsers away spread over the window", async () => {
  using time = new FakeTime(0);
  const { parts, finished, stop } = bench({ count: 1_000 });
  const draining = drain(parts, { windowMs: 100, signal: stop.signal });
  await time.tickAsync(200);
  await draining;
  assertEquals([
    finished.length,
    finished.filter((at) => at < 50).length >= 450,
    (finished.at(-1) ?? 0) <= 100,
  ], [1_000, true, true]);
});

Deno.test("drain gives up what is stuck when it has taken long enough", async () => {
  using time = new FakeTime(0);
  const { parts, stop } = bench({ count: 3, stuck: true });
  let isOver = false;
  const draining = drain(parts, { windowMs: 1_000, signal: stop.signal }).then(() => isOver = true);
  await time.tickAsync(60_000);
  assertEquals(isOver, false);
  stop.abort();
  await time.tickAsync(1);
  await draining;
});

Deno.test("drain waits a second at most for slots whose browsers do not answer", async () => {
  using time = new FakeTime(0);
  const { parts, stop } = bench({ count: 1 });
  parts.slots.taken = 2; // one more than will ever be gone
  let isOver = false;
  const draining = drain(parts, { windowMs: 1_000, signal: stop.signal }).then(() => isOver = true);
  await time.tickAsync(900);
  assertEquals(isOver, false);
  await time.tickAsync(200);
  assertEquals(isOver, true);
  await draining;
});

Deno.test("drain leaves no timer when it gives up: Deno would tell", async () => {
  const { parts, stop } = bench({ count: 0 });
  const slots = {
    get taken() {
      queueMicrotask(() => stop.abort()); // when it has begun to wait
      return 1;
    },
  };
  await drain({ ...parts, slots }, { windowMs: 0, signal: stop.signal });
});
