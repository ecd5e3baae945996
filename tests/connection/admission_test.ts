/** Tests the limits of admission, and when it has the journal follow a target. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  Admission,
  type RemotePresence,
  type TargetFollower,
  type TargetObserver,
} from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";

const NO_OTHER_NODES: RemotePresence = { announce() {}, connectionsElsewhere: () => 0 };

/** Other nodes with some connections of each target, and a record of what this node announced to them. */
class OtherNodes implements RemotePresence {
  readonly announced: [string, number][] = [];

  constructor(public connections = 0) {}

  announce(target: string, connections: number): void {
    this.announced.push([target, connections]);
  }

  connectionsElsewhere(): number {
    return this.connections;
  }
}

/** A journal that records which targets it was asked to follow. */
class RecordingFollower implements TargetFollower {
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

/** An admission with four slots, and a linger of 5 s. */
function setUp(
  { journal = new RecordingFollower(), nodes = NO_OTHER_NODES, maxConnectionsPerTarget = 2 }: {
    journal?: TargetFollower;
    nodes?: RemotePresence;
    maxConnectionsPerTarget?: number;
  } = {},
): Admission {
  const slots = new ConnectionSlots(4);
  return new Admission({ journal, nodes, slots }, { maxConnectionsPerTarget, lingerMs: 5_000 });
}

Deno.test("Admission counts connections in total and for each target", () => {
  const admission = setUp();
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

Deno.test("Admission.reserve throws if the target has as many connections as it may have", () => {
  const admission = setUp();
  for (const _ of [1, 2]) admission.reserve("alexander");
  assertThrows(() => admission.reserve("alexander"), RangeError);
  assertEquals(admission.slots.taken, 2);
});

Deno.test("Admission counts the connections of a target on other nodes, for that target only", () => {
  const nodes = new OtherNodes(1);
  const admission = setUp({ nodes });
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

Deno.test("Admission says of a slot whether it is one too many, if nodes can tell that in time", async () => {
  const nodes = { ...NO_OTHER_NODES, announce: () => Promise.resolve(1) };
  const admission = setUp({ nodes });
  const slots = [admission.reserve("alexander"), admission.reserve("alexander")];
  assertEquals(await Promise.all(slots.map(({ isOver }) => isOver)), [false, true]);
  assertEquals(setUp().reserve("alexander").isOver, null);
});

Deno.test("Admission announces each change of a target's connections to the other nodes, after the journal follows it", () => {
  using _time = new FakeTime();
  const nodes = new OtherNodes(), journal = new RecordingFollower();
  const follow = journal.follow.bind(journal);
  journal.follow = (target) => {
    assertEquals(nodes.announced, []);
    return follow(target);
  };
  const admission = setUp({ journal, nodes });
  const slots = [admission.reserve("alexander"), admission.reserve("alexander")];
  for (const slot of slots) slot.release();
  assertEquals(nodes.announced, [["alexander", 1], ["alexander", 2], ["alexander", 1], ["alexander", 0]]);
  admission.close();
});

Deno.test("Admission does not count connections whose target could not be followed, neither here nor on other nodes", async () => {
  const nodes = new OtherNodes(), journal = new RecordingFollower();
  const admission = setUp({ journal, nodes });
  journal.failing = true;
  const failed = admission.reserve("alexander");
  await assertRejects(() => failed.followed, Error, "no journal");
  assertEquals(nodes.announced.splice(0), [["alexander", 1], ["alexander", 0]]);
  journal.failing = false;
  admission.reserve("alexander");
  failed.release();
  assertEquals(nodes.announced.map(([, connections]) => connections), [1, 1]);
});

Deno.test("Slot.release gives the slot of the node and of the target back, once", () => {
  using _time = new FakeTime();
  const nodes = new OtherNodes();
  const admission = setUp({ nodes, maxConnectionsPerTarget: 2 });
  const slot = admission.reserve("alexander");
  admission.reserve("alexander");
  assertEquals([admission.isFullFor("alexander"), admission.slots.taken], [true, 2]);
  slot.release();
  slot.release();
  assertEquals([admission.isFullFor("alexander"), admission.slots.taken], [false, 1]);
  assertEquals(nodes.announced.at(-1), ["alexander", 1]);
  admission.close();
});

Deno.test("Admission has a target followed from its first connection until lingerMs after its last", () => {
  using time = new FakeTime();
  const journal = new RecordingFollower();
  const admission = setUp({ journal });
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

Deno.test("Admission does not unfollow a target that comes back within lingerMs", () => {
  using time = new FakeTime();
  const journal = new RecordingFollower();
  const admission = setUp({ journal });
  admission.reserve("alexander").release();
  time.tick(4_999);
  const slot = admission.reserve("alexander");
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander"]);
  slot.release();
  time.tick(5_000);
  assertEquals(journal.calls, ["follow alexander", "unfollow alexander"]);
});

Deno.test("Admission follows again after a follow has failed, and does not unfollow a target that it never followed", async () => {
  using time = new FakeTime();
  const journal = new RecordingFollower();
  const admission = setUp({ journal });
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

Deno.test("Admission.close cancels the timers of targets without connections", () => {
  using time = new FakeTime();
  const journal = new RecordingFollower();
  const admission = setUp({ journal });
  admission.reserve("alexander").release();
  admission.close();
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander"]);
});

/** Records what admission tells an observer. */
class RecordingObserver implements TargetObserver {
  readonly calls: string[] = [];

  arrived(target: string): void {
    this.calls.push(`arrived ${target}`);
  }
  departed(target: string, at: number): void {
    this.calls.push(`departed ${target} ${at}`);
  }
  seen(target: string, at: number): void {
    this.calls.push(`seen ${target} ${at}`);
  }
}

/** An admission whose observer the test reads, with a linger of 5 s. */
function observed(journal = new RecordingFollower()): { admission: Admission; calls: string[] } {
  const observer = new RecordingObserver();
  const deps = { journal, nodes: NO_OTHER_NODES, slots: new ConnectionSlots(4), observer };
  const admission = new Admission(deps, { maxConnectionsPerTarget: 4, lingerMs: 5_000 });
  return { admission, calls: observer.calls };
}

Deno.test("Admission tells that a target has arrived, and when it left once the linger is over", async () => {
  using time = new FakeTime(1_000_000);
  const { admission, calls } = observed();
  const [first, second] = [admission.reserve("alexander"), admission.reserve("alexander")];
  assertEquals(calls, []); // the journal does not follow it yet
  await time.tickAsync(10);
  first.release();
  second.release();
  await time.tickAsync(4_999);
  const third = admission.reserve("alexander");
  await time.tickAsync(1_000);
  third.release();
  await time.tickAsync(5_000);
  assertEquals(calls, ["arrived alexander", "seen alexander 1006009", "departed alexander 1006009"]);
});

Deno.test("Admission tells nothing of a target that the journal could not follow, or no connection waited for", async () => {
  using time = new FakeTime();
  const journal = new RecordingFollower();
  journal.failing = true;
  const { admission, calls } = observed(journal);
  const failed = admission.reserve("alexander");
  await failed.followed.catch(() => failed.release());
  await time.tickAsync(60_000);
  const following = Promise.withResolvers<void>();
  journal.follow = () => following.promise;
  admission.reserve("burr").release();
  await time.tickAsync(60_000);
  following.resolve();
  await time.tickAsync(0);
  assertEquals(calls, []);
});

Deno.test("Admission.close tells which targets are still there, or were within the linger", async () => {
  using time = new FakeTime(1_000_000);
  const { admission, calls } = observed();
  const left = admission.reserve("left");
  admission.reserve("stays");
  await time.tickAsync(10);
  left.release();
  await time.tickAsync(1_000);
  calls.splice(0);
  admission.close();
  await time.tickAsync(60_000);
  assertEquals(calls, ["seen left 1000010", "seen stays 1001010"]);
});

Deno.test("Admission.forget has not seen the connections of before, and sees the next one", async () => {
  using time = new FakeTime(1_000_000);
  const { admission, calls } = observed();
  admission.forget("alexander"); // it has none
  const slot = admission.reserve("alexander");
  await time.tickAsync(10);
  admission.forget("alexander");
  assertEquals(admission.seenAt("alexander"), null);
  await time.tickAsync(120_000); // a peer that ignores the close
  slot.release();
  assertEquals(admission.seenAt("alexander"), null);
  await time.tickAsync(5_000);
  assertEquals(calls, ["arrived alexander", "departed alexander 1120010"]);
  const next = admission.reserve("alexander");
  await time.tickAsync(1);
  assertEquals(admission.seenAt("alexander"), 1_125_011);
  next.release();
  await time.tickAsync(5_000);
  assertEquals(calls.slice(2), [
    "arrived alexander",
    "seen alexander 1125011",
    "departed alexander 1125011",
  ]);
});

Deno.test("Admission.seenAt is now for a target that is connected, and then when it left, until the linger is over", () => {
  using time = new FakeTime(1_000_000);
  const admission = setUp();
  assertEquals(admission.seenAt("alexander"), null);
  const slot = admission.reserve("alexander");
  time.tick(10);
  assertEquals(admission.seenAt("alexander"), 1_000_010);
  slot.release();
  time.tick(4_999);
  assertEquals(admission.seenAt("alexander"), 1_000_010);
  time.tick(1);
  assertEquals(admission.seenAt("alexander"), null);
});
