/** Repeats: ids are remembered for a while, and no more than a number of them. */

import { assertEquals } from "@std/assert";
import { Repeats } from "../../src/journal/repeats.ts";

const draft = {
  id: "duel",
  target: "alexander",
  data: "1",
  ttl: null,
  topic: null,
  urgency: null,
  digest: "content",
};
const kept = { position: "epoch000-00000000001", expiresAt: 60_000, now: 0 };

Deno.test("Repeats knows a repeat by id, content and target", () => {
  const repeats = new Repeats({ windowMs: 1_000, most: 10 });
  assertEquals(repeats.find(draft), undefined);
  repeats.remember(draft, kept);
  assertEquals(repeats.find(draft), { outcome: "repeated", position: kept.position, expiresAt: 60_000 });
  assertEquals(repeats.find({ ...draft, target: "burr" }), undefined);
  assertEquals(repeats.find({ ...draft, digest: "other content" }), { outcome: "conflict" });
  assertEquals(repeats.find({ ...draft, digest: null }), undefined, "a fresh id is no repeat");
});

Deno.test("Repeats forgets an id when its window is over", () => {
  const repeats = new Repeats({ windowMs: 1_000, most: 10 });
  repeats.remember(draft, kept);
  repeats.remember({ ...draft, id: "later" }, { ...kept, now: 500 });
  repeats.expire(999);
  assertEquals(repeats.find(draft)?.outcome, "repeated");
  repeats.expire(1_000);
  assertEquals([repeats.find(draft), repeats.find({ ...draft, id: "later" })?.outcome], [
    undefined,
    "repeated",
  ]);
});

Deno.test("Repeats forgets the oldest ids when there are too many", () => {
  const repeats = new Repeats({ windowMs: 1_000, most: 3 });
  for (const id of ["1", "2", "3", "4", "5"]) repeats.remember({ ...draft, id }, kept);
  const known = ["1", "2", "3", "4", "5"].filter((id) => repeats.find({ ...draft, id }) !== undefined);
  assertEquals(known, ["3", "4", "5"]);
});

Deno.test("Repeats remembers nothing without a window", () => {
  const repeats = new Repeats({ windowMs: 0, most: 3 });
  repeats.remember(draft, kept);
  assertEquals(repeats.find(draft), undefined);
});
