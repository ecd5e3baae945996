/** Repeats: ids are remembered for a while, and no more than a number of them. */

import { assertEquals } from "@std/assert";
import { IdempotencyIndex } from "../../../src/journal/index/idempotency_index.ts";

const RETENTION = { seconds: 1, perTarget: 1_000, bytes: 10 * 2_048 }; // ten ids
const draft = {
  id: "duel",
  target: "alexander",
  data: "1",
  ttl: null,
  topic: null,
  urgency: null,
  digest: "content",
};
const kept = { sequence: 1, expiresAt: 60_000, now: 0 };

Deno.test("Repeats knows a repeat by id, content and target", () => {
  const repeats = new IdempotencyIndex(RETENTION);
  assertEquals(repeats.find(draft, 0), undefined);
  repeats.remember(draft, kept);
  assertEquals(repeats.find(draft, 0), { sequence: 1, expiresAt: 60_000 });
  assertEquals(repeats.find({ ...draft, target: "burr" }, 0), undefined);
  assertEquals(repeats.find({ ...draft, digest: "other content" }, 0), "conflict");
  assertEquals(repeats.find({ ...draft, digest: null }, 0), undefined, "a fresh id is no repeat");
});

Deno.test("Repeats knows an id for its window, and forgets some at a time", () => {
  const forgotten: number[] = [];
  const repeats = new IdempotencyIndex(RETENTION, (sequence) => forgotten.push(sequence));
  for (const [sequence, id] of ["1", "2", "3"].entries()) {
    repeats.remember({ ...draft, id }, { ...kept, sequence });
  }
  repeats.remember({ ...draft, id: "later" }, { ...kept, sequence: 9, now: 500 });
  repeats.expire(999, 10);
  assertEquals([repeats.find({ ...draft, id: "1" }, 999) !== undefined, forgotten], [true, []]);
  assertEquals(repeats.find({ ...draft, id: "1" }, 1_000), undefined, "though it is not forgotten yet");
  repeats.expire(1_000, 2);
  assertEquals(forgotten, [0, 1]);
  repeats.expire(1_000, 10);
  assertEquals([forgotten, repeats.find({ ...draft, id: "later" }, 1_000) !== undefined], [[0, 1, 2], true]);
});

Deno.test("Repeats takes an id anew when its window is over, though it is not forgotten yet", () => {
  const forgotten: number[] = [];
  const repeats = new IdempotencyIndex(RETENTION, (sequence) => forgotten.push(sequence));
  repeats.remember(draft, kept);
  repeats.remember({ ...draft, digest: "other content" }, { sequence: 2, expiresAt: 61_000, now: 1_000 });
  assertEquals(repeats.find({ ...draft, digest: "other content" }, 1_000)?.valueOf(), {
    sequence: 2,
    expiresAt: 61_000,
  });
  assertEquals(forgotten, [1]);
});

Deno.test("Repeats forgets the oldest ids when there are too many", () => {
  const repeats = new IdempotencyIndex({ ...RETENTION, bytes: 3 * 2_048 });
  for (const id of ["1", "2", "3", "4", "5"]) repeats.remember({ ...draft, id }, kept);
  const known = ["1", "2", "3", "4", "5"].filter((id) => repeats.find({ ...draft, id }, 0) !== undefined);
  assertEquals(known, ["3", "4", "5"]);
});

Deno.test("Repeats.revoke forgets one target of an id, and the id with the last", () => {
  const forgotten: number[] = [];
  const repeats = new IdempotencyIndex(RETENTION, (sequence) => forgotten.push(sequence));
  repeats.remember(draft, kept);
  repeats.remember({ ...draft, target: "burr" }, { ...kept, sequence: 2 });
  repeats.revoke(draft);
  assertEquals(repeats.find(draft, 0), undefined);
  assertEquals(repeats.find({ ...draft, digest: "other content" }, 0), "conflict");
  repeats.revoke({ ...draft, target: "burr" });
  assertEquals(repeats.find({ ...draft, digest: "other content" }, 0), undefined);
  assertEquals(forgotten, [], "it never was");
});

Deno.test("Repeats remembers nothing without a window", () => {
  const repeats = new IdempotencyIndex({ ...RETENTION, seconds: 0 });
  repeats.remember(draft, kept);
  assertEquals(repeats.find(draft, 0), undefined);
});
