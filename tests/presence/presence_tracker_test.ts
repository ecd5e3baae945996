/** PresenceTracker: how it records targets while the records cannot be reached. */

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { UnavailableError } from "../../src/journal/journal.ts";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import { PresenceTracker } from "../../src/presence/presence_tracker.ts";

const TARGETS = 1_000;

Deno.test("PresenceTracker asks seldom while the records cannot be reached, and then records everything", async () => {
  using time = new FakeTime();
  const records = await memoryPresence({ maxBytes: 1024 * 1024 });
  let isUp = false, attempts = 0;
  const tracker = new PresenceTracker({
    node: "n1",
    records: {
      async change(target, change) {
        attempts++;
        if (!isUp) throw new UnavailableError("NATS cannot be reached");
        return await records.change(target, change);
      },
    },
    onChange() {},
    report(error) {
      throw error;
    },
    now: Date.now,
    retryMs: 500,
  });
  for (let index = 0; index < TARGETS; index++) tracker.arrived(`t${index}`);
  await time.tickAsync(0);
  assertEquals(attempts, TARGETS);
  await time.tickAsync(5_000);
  assert(attempts - TARGETS <= 10 * 64, `${attempts} attempts`);
  isUp = true;
  tracker.departed("t0", Date.now());
  await time.tickAsync(500);
  await tracker.settle(new AbortController().signal);
  const online = await Array.fromAsync(records.all(), ([target, { nodes }]) => [target, Object.keys(nodes)]);
  assertEquals(online.length, TARGETS);
  assertEquals(online.filter(([, nodes]) => nodes?.length === 0).map(([target]) => target), ["t0"]);
});
