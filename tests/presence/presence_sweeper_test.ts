/** PresenceSweeper tells what nodes cannot that are gone, once, and nothing of targets that have moved on. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import type { PresenceRecords } from "../../src/presence/presence_records.ts";
import { BEAT_MS, LINGER_MS, World, type WorldNode } from "./presence_world.ts";

/** Enough for a node that is gone to be noticed, and for the linger. */
const NOTICED_MS = 3 * BEAT_MS + LINGER_MS + 2 * BEAT_MS;

/** Runs with a service of three nodes whose start is over, on a fake clock. */
function testWorld(
  behaviour: string,
  run: (world: World, time: FakeTime, nodes: readonly [WorldNode, WorldNode, WorldNode]) => Promise<void>,
): void {
  Deno.test(`PresenceSweeper ${behaviour}`, async () => {
    using time = new FakeTime(1_000_000);
    const world = new World({ records: await memoryPresence({ maxBytes: 1024 * 1024 }) });
    const nodes = [world.start(), world.start(), world.start()] as const;
    await time.tickAsync(LINGER_MS + BEAT_MS);
    await run(world, time, nodes);
    assertEquals(world.reported, []);
    await world.close();
    await world.records.close();
  });
}

function toldIn({ receiver: { told } }: World): string[] {
  return told.splice(0).map(({ type, target }) => `${type} ${target}`);
}

async function nodesOf(records: PresenceRecords, target: string): Promise<string[]> {
  return Object.keys((await records.change(target, (record) => record)).nodes);
}

testWorld(
  "has offline told once when the node with the last connection is killed",
  async (world, time, [first]) => {
    first.connect("a");
    await time.tickAsync(0);
    assertEquals(toldIn(world), ["target.online a"]);
    world.kill(first);
    await time.tickAsync(LINGER_MS + BEAT_MS);
    assertEquals(toldIn(world), []);
    await time.tickAsync(NOTICED_MS);
    assertEquals(toldIn(world), ["target.offline a"]);
    assertEquals(await Array.fromAsync(world.records.all()), []);
  },
);

testWorld(
  "says nothing of a target that connects to another node before",
  async (world, time, [first, other]) => {
    first.connect("a");
    await time.tickAsync(0);
    world.kill(first);
    await time.tickAsync(LINGER_MS + BEAT_MS);
    other.connect("a");
    await time.tickAsync(3 * NOTICED_MS);
    assertEquals(toldIn(world), ["target.online a"]);
    assertEquals(await nodesOf(world.records, "a"), [other.name]);
  },
);

testWorld(
  "has another node tell the events of one that was killed, with the same ids",
  async (world, time, [first]) => {
    world.receiver.answering = "losing answers";
    first.connect("a");
    await time.tickAsync(0);
    first.disconnect("a");
    await time.tickAsync(LINGER_MS + BEAT_MS);
    world.kill(first);
    world.receiver.answering = "well";
    const [{ id } = { id: "" }] = world.receiver.told.splice(0);
    await time.tickAsync(NOTICED_MS);
    assertEquals(world.receiver.told.map(({ type }) => type), ["target.online", "target.offline"]);
    assertEquals(world.receiver.told[0]?.id, id);
  },
);

testWorld("goes on when the node that sweeps is killed as well", async (world, time, [first, second]) => {
  second.connect("a");
  await time.tickAsync(0);
  world.kill(second);
  await time.tickAsync(LINGER_MS + BEAT_MS);
  world.kill(first);
  await time.tickAsync(NOTICED_MS);
  assertEquals(toldIn(world), ["target.online a", "target.offline a"]);
});

testWorld(
  "has a node that was taken for gone record its targets again",
  async (world, time, [first, other]) => {
    other.connect("a");
    await time.tickAsync(0);
    world.hidden.add(other.name);
    other.isStalled = true;
    await time.tickAsync(NOTICED_MS);
    assertEquals(toldIn(world), ["target.online a", "target.offline a"]);
    world.hidden.delete(other.name);
    other.isStalled = false;
    await time.tickAsync(2 * BEAT_MS);
    assertEquals(toldIn(world), ["target.online a"]);
    assertEquals(await nodesOf(world.records, "a"), [other.name]);
    assertEquals(first.connectionsOf("a"), 0);
  },
);

testWorld("corrects what a node that was interrupted has not recorded", async (world, time, [first]) => {
  first.connect("a");
  await time.tickAsync(0);
  const since = { node: first.name, at: 1, now: 1 };
  await world.records.change("stale", (record) => ({ ...record, nodes: { [since.node]: since.at } }));
  await world.records.change("a", () => ({ nodes: {}, events: [], teller: null }));
  first.isStalled = true;
  await time.tickAsync(4 * BEAT_MS);
  first.isStalled = false;
  await time.tickAsync(2 * BEAT_MS);
  assertEquals(toldIn(world), ["target.online a", "target.offline stale", "target.online a"]);
});

Deno.test("PresenceSweeper has those told offline after a restart who do not return within the linger", async () => {
  using time = new FakeTime(1_000_000);
  const records = await memoryPresence({ maxBytes: 1024 * 1024 });
  const before = new World({ records, prefix: "before " }), node = before.start();
  for (const target of ["leaves", "returns"]) node.connect(target);
  await time.tickAsync(0);
  before.kill(node);
  await time.tickAsync(60_000);

  const after = new World({ records, receiver: before.receiver, prefix: "after " }), next = after.start();
  await time.tickAsync(LINGER_MS - BEAT_MS);
  next.connect("returns");
  assertEquals(toldIn(after), ["target.online leaves", "target.online returns"]);
  await time.tickAsync(2 * BEAT_MS);
  assertEquals(toldIn(after), ["target.offline leaves"]);
  await time.tickAsync(60_000);
  assertEquals(toldIn(after), []);
  await after.close();
  await records.close();
});
