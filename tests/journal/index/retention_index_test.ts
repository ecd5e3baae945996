/** RetentionIndex keeps entries within limits, and knows what each target has lost. */

import { assertEquals } from "@std/assert";
import { ByteBudget } from "../../../src/journal/index/byte_budget.ts";
import { TARGET_BYTES } from "../../../src/journal/index/costs.ts";
import type { EntryMeta } from "../../../src/journal/index/target_log.ts";
import { RetentionIndex } from "../../../src/journal/index/retention_index.ts";

/** An index whose entries cost 10 bytes each, in addition to what their targets cost. */
function createIndex({ perTarget, bytes }: { perTarget: number; bytes: number }): RetentionIndex<EntryMeta> {
  return new RetentionIndex({ perTarget }, { budget: new ByteBudget(bytes), costOf: () => 10 });
}

Deno.test("RetentionIndex finds an entry that replaced the only one of a target that is not followed", () => {
  const index = createIndex({ perTarget: 2, bytes: 1_000 });
  const meta = {
    target: "alexander",
    topic: "duel",
    expiresAt: 60_000,
    hasOwnTtl: false,
    bytes: 10,
    mark: null,
  };
  for (const sequence of [1, 2]) index.add({ ...meta, sequence }, 0);
  assertEquals([...index.after("alexander", 0)].map(({ sequence }) => sequence), [2]);
});

/** An entry without a topic. */
function entry(sequence: number, target = "alexander"): EntryMeta {
  return {
    sequence,
    target,
    topic: null,
    expiresAt: 60_000,
    hasOwnTtl: false,
    bytes: 10,
    mark: null,
  };
}

Deno.test("RetentionIndex knows exactly what a followed target has lost, even when it has no entry left", () => {
  const index = createIndex({ perTarget: 1, bytes: 2 * (10 + TARGET_BYTES) });
  index.follow("alexander");
  for (const sequence of [1, 2]) index.add(entry(sequence), 0); // evicts 1, because the target may have one entry
  for (const sequence of [3, 4]) index.add(entry(sequence, `target-${sequence}`), 0); // evicts 2, because of the bytes
  assertEquals([...index.after("alexander", 0)], []);
  assertEquals(index.completeAfter("alexander"), 2);
  index.add(entry(5, "target-5"), 0); // evicts 3, whose target is not followed
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [2, 3]);
});

Deno.test("RetentionIndex shares the loss of a target that is no longer followed among all targets without entries", () => {
  const index = createIndex({ perTarget: 10, bytes: 1_000 });
  index.follow("alexander");
  index.markLost("alexander", 7);
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [7, 0]);
  index.unfollow("alexander");
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [7, 7]);
});

Deno.test("RetentionIndex knows what a target had lost before it was followed", () => {
  const index = createIndex({ perTarget: 1, bytes: 1_000 });
  for (const sequence of [1, 2]) index.add(entry(sequence), 0);
  index.follow("alexander");
  index.add(entry(3), 0);
  assertEquals(index.completeAfter("alexander"), 2);
  index.unfollow("alexander");
  assertEquals([...index.after("alexander", 0)].map(({ sequence }) => sequence), [3]); // it still has an entry
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [2, 0]);
});

Deno.test("RetentionIndex counts entries and targets, and evicts the oldest entries when they cost too much", () => {
  const budget = new ByteBudget(3 * (10 + TARGET_BYTES));
  const index = new RetentionIndex<EntryMeta>({ perTarget: 10 }, { budget, costOf: () => 10 });
  for (let sequence = 1; sequence <= 5; sequence++) index.add(entry(sequence, `target-${sequence}`), 0);
  const kept = [1, 2, 3, 4, 5].filter((n) => [...index.after(`target-${n}`, 0)].length > 0);
  assertEquals(kept, [3, 4, 5]);
  budget.spend(TARGET_BYTES); // something else needs it now
  index.add(entry(6, "target-5"), 0);
  assertEquals([...index.after("target-3", 0)], []);
  assertEquals([...index.after("target-5", 0)].map(({ sequence }) => sequence), [5, 6]);
});

Deno.test("RetentionIndex counts what it evicts by cause, and knows what it has and the oldest of it", () => {
  const index = createIndex({ perTarget: 2, bytes: 2 * TARGET_BYTES + 40 });
  const mark = { through: 0, read: [], unread: [], markedAt: 0 };
  assertEquals([index.size, index.oldest], [0, undefined]);
  for (const sequence of [1, 2, 3]) index.add({ ...entry(sequence), mark }, 0); // a newer one replaces it
  for (const sequence of [4, 5, 6]) index.add(entry(sequence), 0); // the target may have two
  assertEquals([index.size, index.oldest?.sequence], [3, 3]);
  for (const sequence of [7, 8]) index.add(entry(sequence, "burr"), 0); // the bytes are for four
  assertEquals([index.size, index.oldest?.sequence], [4, 5]);
  index.lose(entry(7, "burr"));
  index.add({ ...entry(9, "burr"), hasOwnTtl: true, expiresAt: 10 }, 0);
  index.add(entry(10, "burr"), 0); // the target may have two
  index.add(entry(11, "burr"), 20); // evicts the one that has expired
  assertEquals(index.evicted, { expired: 1, bytes: 1, target_limit: 2, replaced: 2, damaged: 1 });
  index.expire(60_000, 2);
  assertEquals([index.size, index.evicted.expired], [2, 3]);
});

Deno.test("RetentionIndex gives back what an evicted entry and its target cost", () => {
  const budget = new ByteBudget(0);
  const index = new RetentionIndex<EntryMeta>({ perTarget: 10 }, { budget, costOf: () => 10 });
  index.add(entry(1), 0);
  assertEquals([[...index.after("alexander", 0)], budget.isExceeded], [[], false]);
});

Deno.test("RetentionIndex.lose evicts an entry that could not be read, and knows that its target has lost it", () => {
  const reasons: string[] = [];
  const index = new RetentionIndex<EntryMeta>({ perTarget: 10 }, {
    budget: new ByteBudget(10_000),
    costOf: () => 10,
    onEvict: ({ sequence }, reason) => reasons.push(`${sequence} ${reason}`),
  });
  for (const sequence of [1, 2, 3]) index.add(entry(sequence), 0);
  index.lose(entry(2));
  index.lose(entry(2)); // by another reader, who began before the first had finished
  assertEquals([...index.after("alexander", 0)].map(({ sequence }) => sequence), [1, 3]);
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr"), reasons], [2, 0, [
    "2 damaged",
  ]]);
});
