/** Scheduler: the order of events, suspended and killed processes, and the timers that the runtime is given. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { EventQueue } from "./event_queue.ts";
import { simulateGlobals } from "./globals.ts";
import { Process } from "./process.ts";
import { Random } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import { Trace } from "./trace.ts";

function createScheduler(): Scheduler {
  const scheduler: Scheduler = new Scheduler(new Trace(() => scheduler.now), () => false);
  return scheduler;
}

Deno.test("EventQueue gives events by their time, and those of the same time in the order of adding", () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 5 })), (times) => {
    const queue = new EventQueue(), process = new Process("one");
    for (const [order, at] of times.entries()) {
      queue.add({ at, order, process, label: "", run: () => {}, isCancelled: false });
    }
    const taken = Array.from(times, () => queue.take()).map((event) => [event?.at, event?.order]);
    const expected = times.map((at, order) => [at, order] as const)
      .toSorted(([one, first], [other, second]) => one - other || first - second);
    assertEquals(taken, expected.map((one) => [...one]));
    assertEquals(queue.take(), undefined);
  }));
});

Deno.test("Scheduler lets promises settle between two events of the same time", async () => {
  const scheduler = createScheduler(), seen: string[] = [];
  scheduler.after(5, { label: "first" }, () => void Promise.resolve().then(() => seen.push("settled")));
  scheduler.after(5, { label: "second" }, () => seen.push("second"));
  await scheduler.run(4);
  assertEquals(seen, []);
  await scheduler.run(1);
  assertEquals([...seen, scheduler.now], ["settled", "second", 5]);
});

Deno.test("Scheduler postpones the events of a suspended process in their order, and drops those of a killed one", async () => {
  const scheduler = createScheduler(), seen: string[] = [];
  const suspended = new Process("suspended"), killed = new Process("killed");
  for (const [ms, process] of [[1, suspended], [2, killed], [3, suspended]] as const) {
    scheduler.after(ms, { label: "", process }, () => seen.push(`${process.name} ${ms} at ${scheduler.now}`));
  }
  suspended.suspendedUntil = 10;
  killed.kill();
  await scheduler.run(20);
  assertEquals(seen, ["suspended 1 at 10", "suspended 3 at 10"]);
});

Deno.test("simulateGlobals gives timers and turns that belong to the process that asked for them", async () => {
  const scheduler = createScheduler(), seen: string[] = [], node = new Process("node", { skewMs: 500 });
  using _globals = simulateGlobals(scheduler, new Random(1, "test"));
  await scheduler.act(node, () => {
    const interval = setInterval(() => seen.push(`tick ${performance.now()}`), 10);
    setTimeout(() => clearInterval(interval), 25);
    setImmediate(() => seen.push(`turn ${Date.now() - Date.UTC(2030, 0, 1)}`));
  });
  await scheduler.run(100);
  assertEquals(seen, ["turn 500", "tick 10", "tick 20"]);
  assertEquals(scheduler.pendingOf(node), []);
});
