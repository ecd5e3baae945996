/** Committer writes what is waiting in one transaction, and then adds it to the index and offers it to the feed. */

import { assertEquals } from "@std/assert";
import { ByteBudget } from "../../../src/journal/index/byte_budget.ts";
import { costOfMeta } from "../../../src/journal/index/costs.ts";
import { IdempotencyIndex } from "../../../src/journal/index/idempotency_index.ts";
import { RetentionIndex } from "../../../src/journal/index/retention_index.ts";
import { Sequencer } from "../../../src/journal/index/sequencer.ts";
import type { Draft } from "../../../src/journal/journal.ts";
import type { ReadEntry } from "../../../src/journal/read.ts";
import { Committer } from "../../../src/journal/sqlite/committer.ts";
import { Evictions } from "../../../src/journal/sqlite/evictions.ts";
import { FileWriter } from "../../../src/journal/sqlite/file_writer.ts";
import { JournalHealth } from "../../../src/journal/sqlite/health.ts";
import { PendingAppend, PendingMark } from "../../../src/journal/sqlite/pending_write.ts";
import type { FileWrite } from "../../../src/journal/sqlite/tables.ts";
import { positionOf } from "../../../src/wire/position.ts";

const EPOCH = "epoch000";
const MICROTASKS = 30; // more than lie between the end of a write and its settlement

/** A committer whose file writes when the test says so. */
function manualCommitter() {
  const retention = { seconds: 60, perTarget: 10, bytes: 2 ** 20 };
  const written: FileWrite[] = [];
  let finish = () => {};
  const file = {
    write(write: FileWrite): Promise<ReadEntry[]> {
      written.push(write);
      const read = write.newlyRead.map((sequence) => ({ id: `id-${sequence}`, hasPush: sequence === 2 }));
      return new Promise((resolve) => finish = () => resolve(read));
    },
    relieve: () => Promise.resolve({ isWritten: true, unwritable: null }),
  };
  const sequencer = new Sequencer(EPOCH), evictions = new Evictions(0), budget = new ByteBudget(2 ** 20);
  const index = new RetentionIndex(retention, { budget, costOf: costOfMeta });
  const ids = new IdempotencyIndex(retention, { budget });
  const writer = new FileWriter({ file, evictions, sequencer, health: new JournalHealth(() => {}) });
  const feed = { offer: () => true, gap: () => {} };
  const deps = { writer, sequencer, index, ids, evictions, feed, retentionSeconds: 60, now: () => 0 };
  const sequencesOf = (target: string) => Array.from(index.after(target, 0), ({ sequence }) => sequence);
  return { committer: new Committer(deps), sequencer, sequencesOf, written, finish: () => finish() };
}

function draft(target: string): Draft {
  return { id: "id", target, data: "1", ttl: null, topic: null, urgency: null, push: null, digest: null };
}

Deno.test("Committer moves the head together with the index, so that no inbox skips what comes in", async () => {
  const { committer, sequencer, sequencesOf, written, finish } = manualCommitter();
  const commit = committer.commit([new PendingAppend([draft("alexander"), draft("alexander")])]);
  while (written.length === 0) await Promise.resolve();
  assertEquals([sequencer.head, sequencesOf("alexander")], [0, []]);
  finish();
  for (let n = 0; n < MICROTASKS; n++) {
    assertEquals(sequencesOf("alexander").at(-1) ?? 0, sequencer.head);
    await Promise.resolve();
  }
  assertEquals(sequencer.head, 2);
  await commit;
});

Deno.test("Committer adds the appends and marks of a transaction in the order of their numbers", async () => {
  const { committer, sequencesOf, written, finish } = manualCommitter();
  const first = committer.commit([new PendingAppend([draft("alexander"), draft("alexander")])]);
  while (written.length === 0) await Promise.resolve();
  finish();
  await first;
  const [one, two] = [1, 2].map((sequence) =>
    new PendingMark("alexander", { type: "read", positions: [positionOf(EPOCH, sequence)] })
  );
  if (one === undefined || two === undefined) throw new Error("unreachable");
  const [before, between] = [new PendingAppend([draft("burr")]), new PendingAppend([draft("alexander")])];
  const second = committer.commit([before, one, between, two]);
  while (written.length === 1) await Promise.resolve();
  finish();
  const outcome = await second;
  assertEquals(sequencesOf("alexander"), [1, 2, 5, 6]); // the mark 4 is replaced
  assertEquals(written[1]?.marks.map(({ sequence }) => sequence), [4, 6]);
  if (outcome instanceof Error) throw outcome;
  for (const write of [one, two]) write.settle(outcome.result);
  assertEquals(await Promise.all([one.written, two.written]), [
    { outcome: "marked", read: ["id-1"], pushes: [] },
    { outcome: "marked", read: ["id-2"], pushes: ["id-2"] },
  ]);
});
