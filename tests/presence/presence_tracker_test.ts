/** PresenceTracker: how it records targets while the records cannot be reached, and while there is no room for them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { UnavailableError } from "../../src/journal/journal.ts";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import { withoutEvent } from "../../src/presence/presence_record.ts";
import type { PresenceRecords } from "../../src/presence/presence_records.ts";
import { PresenceTracker } from "../../src/presence/presence_tracker.ts";

const TARGETS = 1_000;
const BYTES_OF_RECORD = 400;

/** A tracker with what it has logged and counted, over records that may reject and have room for so many targets. */
async function setUp({ room, isUp = () => true }: { room: number; isUp?: () => boolean }) {
  const records: PresenceRecords = await memoryPresence({ maxBytes: room * BYTES_OF_RECORD });
  const seen = { attempts: 0, lost: 0, logged: [] as string[] };
  const tracker = new PresenceTracker({
    node: "n1",
    records: {
      async change(target, change) {
        seen.attempts++;
        if (!isUp()) throw new UnavailableError("NATS cannot be reached");
        return await records.change(target, change);
      },
    },
    log: { warn: (message, properties) => void seen.logged.push(message + JSON.stringify(properties)) },
    metrics: { presenceLost: (events) => void (seen.lost += events) },
    onChange() {},
    report(error) {
      throw error;
    },
    now: Date.now,
    elapsed: Date.now,
    retryMs: 500,
  });
  /** As the application does that was told everything. */
  const tellAll = async (target: string) => {
    await records.change(target, (r) => r.events.reduce((record, { id }) => withoutEvent(record, id), r));
  };
  const recorded = () => Array.fromAsync(records.all(), ([target, { nodes }]) => [target, nodes] as const);
  return { tracker, seen, tellAll, recorded };
}

Deno.test("PresenceTracker asks seldom while the records cannot be reached, and then records everything", async () => {
  using time = new FakeTime();
  let isUp = false;
  const { tracker, seen, recorded } = await setUp({ room: 2 * TARGETS, isUp: () => isUp });
  for (let index = 0; index < TARGETS; index++) tracker.arrived(`t${index}`);
  await time.tickAsync(0);
  assertEquals(seen.attempts, TARGETS);
  await time.tickAsync(5_000);
  assert(seen.attempts - TARGETS <= 10 * 64, `${seen.attempts} attempts`);
  isUp = true;
  tracker.departed("t0", Date.now());
  await time.tickAsync(500);
  await tracker.settle(new AbortController().signal);
  const online = await recorded();
  assertEquals(online.length, TARGETS);
  assertEquals(online.filter(([, nodes]) => Object.keys(nodes).length === 0).map(([name]) => name), ["t0"]);
});

Deno.test("PresenceTracker does not wait for room, and records connected targets when there is room again", async () => {
  using time = new FakeTime();
  const { tracker, seen, tellAll, recorded } = await setUp({ room: 2 });
  for (const target of ["a", "b", "c", "d"]) tracker.arrived(target);
  await tracker.settle(new AbortController().signal);
  assertEquals([(await recorded()).length, tracker.withoutRoom, seen.lost], [2, 2, 0]);
  const { attempts } = seen;
  for (let tick = 0; tick < 10; tick++) {
    tracker.tick();
    await time.tickAsync(1_000);
  }
  assert(seen.attempts - attempts <= 10, `${seen.attempts - attempts} attempts`);
  tracker.departed("c", Date.now());
  await time.tickAsync(0);
  assertEquals([tracker.withoutRoom, seen.lost], [1, 2]); // neither event of c is told
  tracker.departed("a", Date.now());
  await time.tickAsync(0);
  await tellAll("a");
  tracker.tick();
  await time.tickAsync(0);
  assertEquals((await recorded()).map(([target]) => target), ["b", "d"]);
  assertEquals([tracker.withoutRoom, seen.lost], [0, 2]);
});

Deno.test("PresenceTracker forgets targets that come and go while there is no room, and says so once a minute", async () => {
  using time = new FakeTime();
  const { tracker, seen } = await setUp({ room: 0 });
  for (let second = 0; second < 120; second++) {
    tracker.arrived(`t${second}`);
    if (second % 2 === 0) await time.tickAsync(0);
    tracker.departed(`t${second}`, Date.now());
    await time.tickAsync(0);
    tracker.tick();
    await time.tickAsync(1_000);
  }
  await tracker.settle(new AbortController().signal);
  assertEquals([tracker.withoutRoom, seen.lost, seen.logged.length], [0, 240, 2]);
  assertMatch(seen.logged[1] ?? "", /no room for the presence.*"waiting":0,"lost":120/);
});
