/** RetentionIndex keeps entries within limits, and knows what each target has lost. */

import { assertEquals } from "@std/assert";
import type { EntryMeta } from "../../../src/journal/index/target_log.ts";
import { RetentionIndex } from "../../../src/journal/index/retention_index.ts";

Deno.test("RetentionIndex finds an entry that replaced the only one of a target that is not followed", () => {
  const index = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 2, bytes: 1_000 });
  const meta = { target: "alexander", topic: "duel", expiresAt: 60_000, hasOwnTtl: false, bytes: 10 };
  for (const sequence of [1, 2]) index.add({ ...meta, sequence }, 0);
  assertEquals([...index.after("alexander", 0)].map(({ sequence }) => sequence), [2]);
});

/** An entry without a topic. */
function entry(sequence: number, target = "alexander"): EntryMeta {
  return { sequence, target, topic: null, expiresAt: 60_000, hasOwnTtl: false, bytes: 10 };
}

Deno.test("RetentionIndex knows exactly what a followed target has lost, even when it has no entry left", () => {
  const index = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 1, bytes: 20 });
  index.follow("alexander");
  for (const sequence of [1, 2]) index.add(entry(sequence), 0); // evicts 1, because the target may have one entry
  for (const sequence of [3, 4]) index.add(entry(sequence, `target-${sequence}`), 0); // evicts 2, because of the bytes
  assertEquals([...index.after("alexander", 0)], []);
  assertEquals(index.completeAfter("alexander"), 2);
  index.add(entry(5, "target-5"), 0); // evicts 3, whose target is not followed
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [2, 3]);
});

Deno.test("RetentionIndex shares the loss of a target that is no longer followed among all targets without entries", () => {
  const index = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 10, bytes: 1_000 });
  index.follow("alexander");
  index.markLost("alexander", 7);
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [7, 0]);
  index.unfollow("alexander");
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [7, 7]);
});

Deno.test("RetentionIndex knows what a target had lost before it was followed", () => {
  const index = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 1, bytes: 1_000 });
  for (const sequence of [1, 2]) index.add(entry(sequence), 0);
  index.follow("alexander");
  index.add(entry(3), 0);
  assertEquals(index.completeAfter("alexander"), 2);
  index.unfollow("alexander");
  assertEquals([...index.after("alexander", 0)].map(({ sequence }) => sequence), [3]); // it still has an entry
  assertEquals([index.completeAfter("alexander"), index.completeAfter("burr")], [2, 0]);
});
