/** What several workers do at once in the stores of the owner, and how errors come back from there. */

import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { memoryLastSeen } from "../../src/presence/memory_last_seen.ts";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import { withNode } from "../../src/presence/presence_record.ts";
import { memoryRevocations } from "../../src/revocation/memory_revocations.ts";
import { memorySchedule } from "../../src/schedule/memory.ts";
import { RemoteRevocations } from "../../src/workers/remote_revocations.ts";
import { RemoteSchedule } from "../../src/workers/remote_schedule.ts";
import { createScheduleCells, ScheduleCells } from "../../src/workers/schedule_cells.ts";
import { SharedSchedule } from "../../src/workers/shared_schedule.ts";
import { remoteLastSeen, remotePresence } from "../../src/workers/remote_stores.ts";
import type { OwnedStores } from "../../src/workers/owner_methods.ts";
import type { WorkerLink } from "../../src/workers/worker_link.ts";
import { token } from "../contracts/revocations.ts";
import { eventually } from "../eventually.ts";
import { LinkedIsolates } from "./linked_isolates.ts";

const RETENTION = { seconds: 60, perTarget: 10, bytes: 1024 * 1024 };
const MEBIBYTE = 1024 * 1024;

/** Two workers of an owner with these stores. */
function link(
  stores: Partial<OwnedStores>,
): { isolates: LinkedIsolates; workers: readonly [WorkerLink, WorkerLink] } {
  const isolates = new LinkedIsolates();
  isolates.own((feed) => new MemoryJournal(feed, RETENTION), stores);
  return { isolates, workers: [isolates.join(1), isolates.join(2)] };
}

Deno.test("RemoteRevocations of every worker learn what one of them has revoked, or knew before they began", async () => {
  const revocations = memoryRevocations({
    maxBytes: MEBIBYTE,
    now: Date.now,
    onRevoked: (revocation) => isolates.owner.tell({ kind: "revoked", revocation }),
  });
  const { isolates, workers } = link({ revocations });
  const told: unknown[][] = [[], []];
  const keptUntil = Date.now() + 60_000;
  const [first, second] = workers.map((worker, index) => {
    const options = {
      maxBytes: MEBIBYTE,
      now: Date.now,
      onRevoked: (one: unknown) => void told[index]?.push(one),
    };
    const remote = new RemoteRevocations(worker.calls, [{ jti: "old", keptUntil }], options);
    worker.listen({ said() {}, revoked: (revocation) => remote.receive(revocation) });
    return remote;
  });
  await first?.add({ jti: "new", keptUntil });
  assertEquals(first?.isRevoked(token("new")), true);
  await eventually(() => second?.isRevoked(token("new")) === true);
  assertEquals([first?.isRevoked(token("old")), second?.isRevoked(token("old"))], [true, true]);
  assertEquals(told, [[{ jti: "new", keptUntil }], [{ jti: "new", keptUntil }]]);
  await Promise.all([first?.close(), second?.close(), revocations.close()]);
  isolates.close();
});

Deno.test("remotePresence merges what several workers change at once", async () => {
  const presence = await memoryPresence({ maxBytes: MEBIBYTE });
  const { isolates, workers } = link({ presence });
  const nodes = Array.from({ length: 20 }, (_, index) => `n${index}`);
  await Promise.all(
    nodes.map((node, index) =>
      remotePresence((index % 2 === 0 ? workers[0] : workers[1]).calls)
        .change("alexander", (record) => withNode(record, { node, at: 1, now: 2 }))
    ),
  );
  const { nodes: noted, events } = await presence.change("alexander", (record) => record);
  assertEquals(Object.keys(noted).toSorted(), nodes.toSorted());
  assertEquals(events.map(({ type }) => type), ["target.online"]);
  isolates.close();
  await presence.close();
});

Deno.test("remoteLastSeen stores with the owner, and nothing that was forgotten before it heard of it", async () => {
  const lastSeen = await memoryLastSeen({ keptMs: 60_000, maxBytes: MEBIBYTE, now: () => 10_000 });
  const { isolates, workers: [worker] } = link({ lastSeen });
  const remote = remoteLastSeen(worker.calls, () => {});
  remote.saw("alexander", 9_000);
  await remote.close();
  assertEquals(await remote.of("alexander"), 9_000);
  await remote.forget("alexander");
  remote.saw("alexander", 9_500);
  await remote.close();
  assertEquals(await remote.of("alexander"), null);
  isolates.close();
  await lastSeen.close();
});

Deno.test("RemoteSchedule adds, finds and cancels with the owner, and takes nothing until the worker stops", async () => {
  const cells = new ScheduleCells(createScheduleCells(), ["note", "push"]);
  const schedule = new SharedSchedule(memorySchedule({ maxBytes: MEBIBYTE, now: () => 5_000 }), cells);
  const { isolates, workers: [worker] } = link({ schedule });
  const stopping = new AbortController();
  const remote = new RemoteSchedule(worker.calls, { cells, stopping: stopping.signal });
  const record = { key: "push 1", digest: "d", addedAt: 1, dueAt: 1_000, content: "Hello" };
  assertEquals(await remote.add([record]), [{ outcome: "added", dueAt: 1_000 }]);
  assertEquals(await remote.find("push 1"), { state: "waiting", addedAt: 1, dueAt: 1_000 });
  assertEquals([remote.has("push 1"), remote.has("note 1"), remote.waiting("push")], [true, false, 1]);
  assertEquals(await remote.cancel("push 1"), "cancelled");
  const taking = remote.take();
  stopping.abort();
  assertEquals(await taking, []);
  isolates.close();
  await schedule.close();
});

Deno.test("RemoteSchedule knows at once whether anything of a kind is not done, also while it is being done", async () => {
  const cells = new ScheduleCells(createScheduleCells(), ["note", "push"]);
  const schedule = new SharedSchedule(memorySchedule({ maxBytes: MEBIBYTE, now: () => 5_000 }), cells);
  const { isolates, workers: [worker] } = link({ schedule });
  const remote = new RemoteSchedule(worker.calls, { cells, stopping: new AbortController().signal });
  const record = { key: "push 1", digest: "d", addedAt: 1, dueAt: 1_000, content: "Hello" };
  const known = () => [remote.has("push 1"), remote.waiting("push"), remote.has("note 1")];
  assertEquals(known(), [false, 0, false]);
  await schedule.add([record]);
  assertEquals(known(), [true, 1, false]);
  await schedule.take("push", { records: 1, bytes: 100 });
  assertEquals(known(), [true, 0, false], "it may be postponed, and can be withdrawn then");
  await schedule.postpone([{ ...record, dueAt: 2_000 }]);
  assertEquals(known(), [true, 1, false]);
  await schedule.take("push", { records: 1, bytes: 100 });
  await schedule.finish(["push 1"]);
  assertEquals(known(), [false, 0, false]);
  isolates.close();
  await schedule.close();
});

Deno.test("PortCalls keep the kind of an error, and report those of the owner that nobody expects", async () => {
  const { isolates, workers: [worker] } = link({
    wipe: () => Promise.reject(new UnavailableError("not now")),
  });
  await assertRejects(() => worker.calls.call("wipe"), UnavailableError, "not now");
  assertEquals(isolates.reported, []);
  await assertRejects(
    () => remotePresence(worker.calls).change("a", (record) => record),
    Error,
    "nobody is told",
  );
  assertEquals(isolates.reported.length, 1);
  isolates.close();
});
