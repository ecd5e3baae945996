/** Admission: limits, and when a target is followed. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Admission, type RemotePresence, type TargetFollower } from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";

const LIMITS = { maxConnections: 4, maxConnectionsPerTarget: 2, lingerMs: 5_000 };

const ALONE: RemotePresence = { present() {}, elsewhere: () => 0 };

/** Other nodes that have some connections of each target, and what they were told. */
class Others implements RemotePresence {
  readonly told: [string, number][] = [];

  constructor(public connections = 0) {}

  present(target: string, connections: number): void {
    this.told.push([target, connections]);
  }

  elsewhere(): number {
    return this.connections;
  }
}

/** A journal that notes what it is to follow. */
class Follower implements TargetFollower {
  readonly calls: string[] = [];
  failing = false;

  follow(target: string): Promise<void> {
    this.calls.push(`follow ${target}`);
    return this.failing ? Promise.reject(new Error("no journal")) : Promise.resolve();
  }
  unfollow(target: string): void {
    this.calls.push(`unfollow ${target}`);
  }
}

Deno.test("Admission counts connections, in all and of a target", () => {
  const admission = new Admission({
    journal: new Follower(),
    nodes: ALONE,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  admission.reserve("alexander");
  assert(!admission.isFullFor("alexander"));
  admission.reserve("alexander");
  assert(admission.isFullFor("alexander") && !admission.isFullFor("burr") && !admission.slots.isFull);
  admission.reserve("burr");
  admission.reserve("burr");
  assert(admission.slots.isFull);
  assertEquals(admission.slots.taken, 4);
  assertThrows(() => admission.reserve("jefferson"), RangeError);
});

Deno.test("Admission refuses one more connection of a target that has all it may have", () => {
  const admission = new Admission({
    journal: new Follower(),
    nodes: ALONE,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  for (const _ of [1, 2]) admission.reserve("alexander");
  assertThrows(() => admission.reserve("alexander"), RangeError);
  assertEquals(admission.slots.taken, 2);
});

Deno.test("Admission counts what a target has on the other nodes, for that target only", () => {
  const nodes = new Others(1);
  const admission = new Admission({
    journal: new Follower(),
    nodes,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  admission.reserve("alexander");
  assert(admission.isFullFor("alexander"));
  assertThrows(() => admission.reserve("alexander"), RangeError);
  nodes.connections = 0;
  admission.reserve("alexander");
  assertEquals([admission.isFullFor("alexander"), admission.slots.isFull, admission.slots.taken], [
    true,
    false,
    2,
  ]);
});

Deno.test("Admission tells the other nodes how many a target has, at each that comes or goes, once it is followed", () => {
  using _time = new FakeTime();
  const nodes = new Others(), journal = new Follower();
  const follow = journal.follow.bind(journal);
  journal.follow = (target) => {
    assertEquals(nodes.told, []);
    return follow(target);
  };
  const admission = new Admission(
    { journal, nodes, slots: new ConnectionSlots(LIMITS.maxConnections) },
    LIMITS,
  );
  const slots = [admission.reserve("alexander"), admission.reserve("alexander")];
  for (const slot of slots) {
    slot.deregister();
    slot.release();
  }
  assertEquals(nodes.told, [["alexander", 1], ["alexander", 2], ["alexander", 1], ["alexander", 0]]);
  admission.close();
});

Deno.test("Admission counts the connections that could not be followed neither here nor for the others", async () => {
  const nodes = new Others(), journal = new Follower();
  const admission = new Admission(
    { journal, nodes, slots: new ConnectionSlots(LIMITS.maxConnections) },
    LIMITS,
  );
  journal.failing = true;
  const failed = admission.reserve("alexander");
  await assertRejects(() => failed.followed, Error, "no journal");
  assertEquals(nodes.told.splice(0), [["alexander", 1], ["alexander", 0]]);
  journal.failing = false;
  admission.reserve("alexander");
  failed.release();
  assertEquals(nodes.told.map(([, connections]) => connections), [1, 1]);
});

Deno.test("Slot.deregister frees a place of the target; the node's own stays taken until the socket is gone", () => {
  using _time = new FakeTime();
  const admission = new Admission({
    journal: new Follower(),
    nodes: ALONE,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  const slot = admission.reserve("alexander");
  admission.reserve("alexander");
  slot.deregister();
  slot.deregister();
  assertEquals([admission.isFullFor("alexander"), admission.slots.taken], [false, 2]);
  slot.release();
  slot.release();
  assertEquals(admission.slots.taken, 1);
  admission.close();
});

Deno.test("Slot.release deregisters too", () => {
  using _time = new FakeTime();
  const admission = new Admission({ journal: new Follower(), nodes: ALONE, slots: new ConnectionSlots(10) }, {
    ...LIMITS,
    maxConnectionsPerTarget: 1,
  });
  admission.reserve("alexander").release();
  assertEquals([admission.isFullFor("alexander"), admission.slots.taken], [false, 0]);
  admission.close();
});

Deno.test("Admission follows a target from its first connection until a while after its last", () => {
  using time = new FakeTime();
  const journal = new Follower();
  const admission = new Admission({
    journal,
    nodes: ALONE,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  const [first, second] = [admission.reserve("alexander"), admission.reserve("alexander")];
  assertEquals(journal.calls, ["follow alexander"]);
  first.release();
  time.tick(60_000);
  second.release();
  time.tick(4_999);
  assertEquals(journal.calls, ["follow alexander"]);
  time.tick(1);
  assertEquals(journal.calls, ["follow alexander", "unfollow alexander"]);
  admission.reserve("alexander");
  assertEquals(journal.calls.at(-1), "follow alexander");
});

Deno.test("Admission goes on following a target that comes back in time", () => {
  using time = new FakeTime();
  const journal = new Follower();
  const admission = new Admission({
    journal,
    nodes: ALONE,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  admission.reserve("alexander").release();
  time.tick(4_999);
  const slot = admission.reserve("alexander");
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander"]);
  slot.release();
  time.tick(5_000);
  assertEquals(journal.calls, ["follow alexander", "unfollow alexander"]);
});

Deno.test("Admission tries to follow again after it failed, and does not unfollow what it never followed", async () => {
  using time = new FakeTime();
  const journal = new Follower();
  const admission = new Admission({
    journal,
    nodes: ALONE,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  journal.failing = true;
  const slot = admission.reserve("alexander");
  await assertRejects(() => slot.followed, Error, "no journal");
  journal.failing = false;
  const next = admission.reserve("alexander");
  await next.followed;
  slot.release();
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander", "follow alexander"]);
  assertEquals(admission.slots.taken, 1);
});

Deno.test("Admission.close forgets who lingers", () => {
  using time = new FakeTime();
  const journal = new Follower();
  const admission = new Admission({
    journal,
    nodes: ALONE,
    slots: new ConnectionSlots(LIMITS.maxConnections),
  }, LIMITS);
  admission.reserve("alexander").release();
  admission.close();
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander"]);
});
