/** Escalation: which acks and marks withdraw a push, and what it does while the schedule cannot be reached. */

import { assert, assertEquals } from "@std/assert";
import { UnavailableError } from "../../src/journal/journal.ts";
import { Escalation, type SentNotification } from "../../src/push/escalation.ts";
import { pushKey } from "../../src/push/push_record.ts";
import type { CancelOutcome } from "../../src/schedule/schedule.ts";
import { eventually } from "../eventually.ts";

/** A schedule that notes which pushes are withdrawn, with outcomes or errors that a test chooses. */
class Withdrawals {
  readonly keys: string[] = [];
  readonly next: (CancelOutcome | Error)[] = [];
  /** The keys of pushes that wait as far as the node knows. */
  readonly known = new Set<string>();

  has(key: string): boolean {
    return this.known.has(key);
  }

  cancel(key: string): Promise<CancelOutcome> {
    this.keys.push(key);
    const outcome = this.next.shift() ?? "cancelled";
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  }
}

function setUp({ maxAwaited = 100 } = {}) {
  const schedule = new Withdrawals(), errors: unknown[] = [];
  const escalation = new Escalation({
    schedule,
    report: (error) => errors.push(error),
    retryMs: 1,
    maxAwaited,
  });
  const settled = () => escalation.close(new AbortController().signal);
  return { escalation, schedule, errors, settled };
}

function notification(id: string, { target = "alexander", hasPush = true } = {}): SentNotification {
  return { id, target, hasPush };
}

Deno.test("Escalation withdraws the push of a notification at its first ack, and at no other", async () => {
  const { escalation, schedule, settled } = setUp();
  escalation.sent([notification("1"), notification("2"), notification("plain", { hasPush: false })]);
  escalation.sent([notification("1")]); // another tab
  escalation.acked(["plain", "unknown", "1"], "alexander");
  escalation.acked(["1"], "alexander");
  escalation.acked(["2"], "burr");
  await settled();
  assertEquals(schedule.keys, [pushKey("1", "alexander")]);
});

Deno.test("Escalation tells targets and ids apart, whatever they contain", async () => {
  const { escalation, schedule, settled } = setUp();
  escalation.sent([notification("b c", { target: "a" }), notification('c"]', { target: 'a","b' })]);
  escalation.acked(["c"], "a b");
  escalation.acked(['b","c"]'], "a");
  escalation.acked(["b c"], "a");
  await settled();
  assertEquals(schedule.keys, [pushKey("b c", "a")]);
});

Deno.test("Escalation withdraws what a target has read, also what this node has not sent", async () => {
  const { escalation, schedule, settled } = setUp();
  escalation.read(["1", "2"], "alexander");
  await settled();
  assertEquals(schedule.keys, [pushKey("1", "alexander"), pushKey("2", "alexander")]);
});

Deno.test("Escalation tries again while the schedule cannot be reached, and the push is not to be sent meanwhile", async () => {
  const { escalation, schedule, errors, settled } = setUp(), key = pushKey("1", "alexander");
  schedule.next.push(new UnavailableError("gone"), new Error("bug"), "too late", "unknown");
  escalation.sent([notification("1")]);
  escalation.acked(["1"], "alexander");
  assert(escalation.isWithdrawn(key));
  await settled();
  assertEquals(schedule.keys, [key, key, key, key]);
  assertEquals(errors.map(String), ["Error: bug"]);
  assertEquals(escalation.isWithdrawn(key), false);
});

Deno.test("Escalation that is closed in a hurry gives up", async () => {
  const { escalation, schedule } = setUp();
  schedule.next.push(...Array<Error>(1_000).fill(new UnavailableError("gone")));
  escalation.read(["1"], "alexander");
  await escalation.close(AbortSignal.abort());
  await eventually(() => !escalation.isWithdrawn(pushKey("1", "alexander")));
  const { length } = schedule.keys;
  assert(length < 1_000, `${length}`);
});

Deno.test("Escalation withdraws what waits by an ack of what was sent elsewhere, before a restart, or long ago", async () => {
  const { escalation, schedule, settled } = setUp({ maxAwaited: 2 });
  escalation.sent(["1", "2", "3"].map((id) => notification(id)));
  for (const id of ["1", "elsewhere"]) schedule.known.add(pushKey(id, "alexander"));
  escalation.acked(["1", "3", "elsewhere", "plain"], "alexander");
  await settled();
  assertEquals(schedule.keys, ["1", "3", "elsewhere"].map((id) => pushKey(id, "alexander")));
});

Deno.test("Escalation asks the schedule of nothing whose push is over, however many it has noted", async () => {
  const { escalation, schedule, settled } = setUp({ maxAwaited: 2 });
  escalation.sent(["1", "2", "3"].map((id) => notification(id)));
  escalation.acked(["1", "plain"], "alexander");
  await settled();
  assertEquals(schedule.keys, []);
});

Deno.test("Escalation withdraws many at once", async () => {
  const { escalation, schedule, settled } = setUp({ maxAwaited: 5_000 });
  const ids = Array.from({ length: 1_000 }, (_, n) => `${n}`);
  escalation.sent(ids.map((id) => notification(id)));
  escalation.acked(ids, "alexander");
  await settled();
  assertEquals(schedule.keys.length, 1_000);
});

Deno.test("Escalation forgets what was sent to a target, and withdraws what the schedule knows", async () => {
  const { escalation, schedule, settled } = setUp();
  escalation.sent([notification("1"), notification("2"), notification("1", { target: "alexander 1" })]);
  escalation.forget("alexander");
  schedule.known.add(pushKey("2", "alexander"));
  escalation.acked(["1", "2"], "alexander");
  escalation.acked(["1"], "alexander 1");
  await settled();
  assertEquals(schedule.keys, [pushKey("2", "alexander"), pushKey("1", "alexander 1")]);
});
