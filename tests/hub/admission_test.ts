/** Admission: limits, and when a target is followed. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Admission, type Following } from "../../src/hub/admission.ts";

const LIMITS = { maxConnections: 4, maxConnectionsPerTarget: 2, lingerMs: 5_000 };

/** A journal that notes what it is to follow. */
class Follower implements Following {
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
  const admission = new Admission(new Follower(), LIMITS);
  admission.reserve("alexander");
  assert(!admission.isFullFor("alexander"));
  admission.reserve("alexander");
  assert(admission.isFullFor("alexander") && !admission.isFullFor("burr") && !admission.isFull);
  admission.reserve("burr");
  admission.reserve("burr");
  assert(admission.isFull);
  assertEquals(admission.taken, 4);
  assertThrows(() => admission.reserve("jefferson"), RangeError);
});

Deno.test("Admission refuses one more connection of a target that has all it may have", () => {
  const admission = new Admission(new Follower(), LIMITS);
  for (const _ of [1, 2]) admission.reserve("alexander");
  assertThrows(() => admission.reserve("alexander"), RangeError);
  assertEquals(admission.taken, 2);
});

Deno.test("Seat.leave frees a place of the target; the node's own stays taken until the socket is gone", () => {
  using _time = new FakeTime();
  const admission = new Admission(new Follower(), LIMITS);
  const seat = admission.reserve("alexander");
  admission.reserve("alexander");
  seat.leave();
  seat.leave();
  assertEquals([admission.isFullFor("alexander"), admission.taken], [false, 2]);
  seat.free();
  seat.free();
  assertEquals(admission.taken, 1);
  admission.close();
});

Deno.test("Seat.free leaves too", () => {
  using _time = new FakeTime();
  const admission = new Admission(new Follower(), { ...LIMITS, maxConnectionsPerTarget: 1 });
  admission.reserve("alexander").free();
  assertEquals([admission.isFullFor("alexander"), admission.taken], [false, 0]);
  admission.close();
});

Deno.test("Admission follows a target from its first connection until a while after its last", () => {
  using time = new FakeTime();
  const journal = new Follower();
  const admission = new Admission(journal, LIMITS);
  const [first, second] = [admission.reserve("alexander"), admission.reserve("alexander")];
  assertEquals(journal.calls, ["follow alexander"]);
  first.free();
  time.tick(60_000);
  second.free();
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
  const admission = new Admission(journal, LIMITS);
  admission.reserve("alexander").free();
  time.tick(4_999);
  const seat = admission.reserve("alexander");
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander"]);
  seat.free();
  time.tick(5_000);
  assertEquals(journal.calls, ["follow alexander", "unfollow alexander"]);
});

Deno.test("Admission tries to follow again after it failed, and does not unfollow what it never followed", async () => {
  using time = new FakeTime();
  const journal = new Follower();
  const admission = new Admission(journal, LIMITS);
  journal.failing = true;
  const seat = admission.reserve("alexander");
  await assertRejects(() => seat.followed, Error, "no journal");
  journal.failing = false;
  const next = admission.reserve("alexander");
  await next.followed;
  seat.free();
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander", "follow alexander"]);
  assertEquals(admission.taken, 1);
});

Deno.test("Admission.close forgets who lingers", () => {
  using time = new FakeTime();
  const journal = new Follower();
  const admission = new Admission(journal, LIMITS);
  admission.reserve("alexander").free();
  admission.close();
  time.tick(60_000);
  assertEquals(journal.calls, ["follow alexander"]);
});
