/** IdempotencyIndex remembers ids for a limited time, and a limited number of them. */

import { assertEquals } from "@std/assert";
import { ByteBudget } from "../../../src/journal/index/byte_budget.ts";
import { APPEND_BYTES, ID_BYTES } from "../../../src/journal/index/costs.ts";
import { IdempotencyIndex } from "../../../src/journal/index/idempotency_index.ts";

const APPEND_COST = APPEND_BYTES + "alexander".length;
const ID_COST = ID_BYTES + "1".length + APPEND_COST; // an id of one character, with one target
const RETENTION = { seconds: 1, perTarget: 1_000, bytes: 4 * 11 * ID_COST }; // room for ten ids

function createIndex(retention = RETENTION, onForget?: (sequence: number) => void): IdempotencyIndex {
  return new IdempotencyIndex(retention, {
    budget: new ByteBudget(retention.bytes),
    ...(onForget && { onForget }),
  });
}
const DRAFT = {
  id: "duel",
  target: "alexander",
  data: "1",
  ttl: null,
  topic: null,
  urgency: null,
  push: null,
  digest: "content",
};
const APPEND = { sequence: 1, expiresAt: 60_000, now: 0 };

Deno.test("IdempotencyIndex recognises a repeat by id, content and target", () => {
  const ids = createIndex();
  assertEquals(ids.find(DRAFT, 0), undefined);
  ids.remember(DRAFT, APPEND);
  assertEquals(ids.find(DRAFT, 0), { sequence: 1, expiresAt: 60_000 });
  assertEquals(ids.find({ ...DRAFT, target: "burr" }, 0), undefined);
  assertEquals(ids.find({ ...DRAFT, digest: "other content" }, 0), "conflict");
  assertEquals(ids.find({ ...DRAFT, digest: null }, 0), undefined, "a generated id is not a repeat");
});

Deno.test("IdempotencyIndex remembers an id for its window, and then forgets a few ids at a time", () => {
  const forgotten: number[] = [];
  const ids = createIndex(RETENTION, (sequence) => forgotten.push(sequence));
  for (const [sequence, id] of ["1", "2", "3"].entries()) {
    ids.remember({ ...DRAFT, id }, { ...APPEND, sequence });
  }
  ids.remember({ ...DRAFT, id: "later" }, { ...APPEND, sequence: 9, now: 500 });
  ids.expire(999, 10);
  assertEquals([ids.find({ ...DRAFT, id: "1" }, 999) !== undefined, forgotten], [true, []]);
  assertEquals(ids.find({ ...DRAFT, id: "1" }, 1_000), undefined, "although it is not forgotten yet");
  ids.expire(1_000, 2);
  assertEquals(forgotten, [0, 1]);
  ids.expire(1_000, 10);
  assertEquals([forgotten, ids.find({ ...DRAFT, id: "later" }, 1_000) !== undefined], [[0, 1, 2], true]);
});

Deno.test("IdempotencyIndex accepts an id again when its window is over, even if it is not forgotten yet", () => {
  const forgotten: number[] = [];
  const ids = createIndex(RETENTION, (sequence) => forgotten.push(sequence));
  ids.remember(DRAFT, APPEND);
  ids.remember({ ...DRAFT, digest: "other content" }, { sequence: 2, expiresAt: 61_000, now: 1_000 });
  assertEquals(ids.find({ ...DRAFT, digest: "other content" }, 1_000)?.valueOf(), {
    sequence: 2,
    expiresAt: 61_000,
  });
  assertEquals(forgotten, [1]);
});

Deno.test("IdempotencyIndex forgets the oldest ids when there are too many", () => {
  const ids = createIndex({ ...RETENTION, bytes: 4 * 3 * ID_COST });
  for (const id of ["1", "2", "3", "4", "5"]) ids.remember({ ...DRAFT, id }, APPEND);
  const known = ["1", "2", "3", "4", "5"].filter((id) => ids.find({ ...DRAFT, id }, 0) !== undefined);
  assertEquals(known, ["3", "4", "5"]);
});

Deno.test("IdempotencyIndex.revoke forgets one target of an id, and with the last target the id", () => {
  const forgotten: number[] = [];
  const ids = createIndex(RETENTION, (sequence) => forgotten.push(sequence));
  ids.remember(DRAFT, APPEND);
  ids.remember({ ...DRAFT, target: "burr" }, { ...APPEND, sequence: 2 });
  ids.revoke(DRAFT);
  assertEquals(ids.find(DRAFT, 0), undefined);
  assertEquals(ids.find({ ...DRAFT, digest: "other content" }, 0), "conflict");
  ids.revoke({ ...DRAFT, target: "burr" });
  assertEquals(ids.find({ ...DRAFT, digest: "other content" }, 0), undefined);
  assertEquals(forgotten, [], "what was revoked was never stored");
});

Deno.test("IdempotencyIndex remembers nothing with a retention of 0", () => {
  const ids = createIndex({ ...RETENTION, seconds: 0 });
  ids.remember(DRAFT, APPEND);
  assertEquals(ids.find(DRAFT, 0), undefined);
});

Deno.test("IdempotencyIndex counts every target of an id, but never forgets the newest id for its own targets", () => {
  const budget = new ByteBudget(Infinity);
  const ids = new IdempotencyIndex({ ...RETENTION, bytes: 4 * (ID_COST + 5 * APPEND_COST) }, { budget });
  ids.remember({ ...DRAFT, id: "1" }, APPEND);
  for (let n = 0; n < 100; n++) ids.remember({ ...DRAFT, id: "2", target: `target-${n}` }, APPEND);
  const isKnown = (id: string, target = "alexander") => ids.find({ ...DRAFT, id, target }, 0) !== undefined;
  assertEquals([isKnown("1"), isKnown("2", "target-0"), isKnown("2", "target-99")], [false, true, true]);
  ids.remember({ ...DRAFT, id: "3" }, APPEND);
  assertEquals([isKnown("2", "target-0"), isKnown("3")], [false, true]);
});

Deno.test("IdempotencyIndex gives back what it has spent when it forgets", () => {
  const budget = new ByteBudget(0);
  const ids = new IdempotencyIndex(RETENTION, { budget });
  ids.remember(DRAFT, APPEND);
  ids.remember({ ...DRAFT, target: "burr" }, APPEND);
  ids.remember({ ...DRAFT, id: "2" }, APPEND);
  assertEquals(budget.isExceeded, true);
  ids.revoke({ ...DRAFT, id: "2" });
  ids.expire(1_000, 10);
  assertEquals(budget.isExceeded, false);
});
