/** Rings: what is left when entries are replaced, crowded out or lost, of targets that are followed or not. */

import { assertEquals } from "@std/assert";
import type { EntryMeta } from "../../../src/journal/index/target_log.ts";
import { RetentionIndex } from "../../../src/journal/index/retention_index.ts";

Deno.test("Rings finds an entry that replaced the only one of a target that nobody follows", () => {
  const rings = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 2, bytes: 1_000 });
  const kept = { target: "alexander", topic: "duel", expiresAt: 60_000, hasOwnTtl: false, bytes: 10 };
  for (const sequence of [1, 2]) rings.keep({ ...kept, sequence }, 0);
  assertEquals([...rings.after("alexander", 0)].map(({ sequence }) => sequence), [2]);
});

/** An entry that nothing replaces. */
function entry(sequence: number, target = "alexander"): EntryMeta {
  return { sequence, target, topic: null, expiresAt: 60_000, hasOwnTtl: false, bytes: 10 };
}

Deno.test("Rings knows exactly what a followed target has lost, also when nothing of it is left", () => {
  const rings = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 1, bytes: 20 });
  rings.follow("alexander");
  for (const sequence of [1, 2]) rings.keep(entry(sequence), 0); // crowds out the first
  for (const sequence of [3, 4]) rings.keep(entry(sequence, `target-${sequence}`), 0); // there is no room for it
  assertEquals([...rings.after("alexander", 0)], []);
  assertEquals(rings.completeAfter("alexander"), 2);
  rings.keep(entry(5, "target-5"), 0); // 3 goes, of a target that nobody follows
  assertEquals([rings.completeAfter("alexander"), rings.completeAfter("burr")], [2, 3]);
});

Deno.test("Rings has all others take over what a target has lost that is not followed any more", () => {
  const rings = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 10, bytes: 1_000 });
  rings.follow("alexander");
  rings.lose("alexander", 7);
  assertEquals([rings.completeAfter("alexander"), rings.completeAfter("burr")], [7, 0]);
  rings.unfollow("alexander");
  assertEquals([rings.completeAfter("alexander"), rings.completeAfter("burr")], [7, 7]);
});

Deno.test("Rings goes on with what a target had lost when it was followed", () => {
  const rings = new RetentionIndex<EntryMeta>({ seconds: 60, perTarget: 1, bytes: 1_000 });
  for (const sequence of [1, 2]) rings.keep(entry(sequence), 0);
  rings.follow("alexander");
  rings.keep(entry(3), 0);
  assertEquals(rings.completeAfter("alexander"), 2);
  rings.unfollow("alexander");
  assertEquals([...rings.after("alexander", 0)].map(({ sequence }) => sequence), [3]); // it still has its ring
  assertEquals([rings.completeAfter("alexander"), rings.completeAfter("burr")], [2, 0]);
});
