/** The memory journal fulfils the contract, and knows only its own positions. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { forgettingContract } from "../contracts/forgetting.ts";
import { journalContract } from "../contracts/journal.ts";
import { journalStatsContract } from "../contracts/journal_stats.ts";
import type { CreateJournal } from "../contracts/journal_tests.ts";
import { marksContract } from "../contracts/marks.ts";
import { PLAIN_DRAFT } from "./plain_draft.ts";

const create: CreateJournal = (feed, retention, now) =>
  Promise.resolve(new MemoryJournal(feed, retention, now));

journalContract("MemoryJournal", create);
marksContract("MemoryJournal", create);
forgettingContract("MemoryJournal", create);
journalStatsContract("MemoryJournal", create);

Deno.test("MemoryJournal says when the oldest entry was accepted, whatever its ttl", async () => {
  let now = 1_000_000;
  const retention = { seconds: 60, perTarget: 2, bytes: 1024 * 1024 };
  const journal = new MemoryJournal({ offer: () => true, gap: () => {} }, retention, () => now);
  assertEquals(journal.stats(), {
    entries: 0,
    bytes: 0,
    oldestAt: null,
    evicted: { expired: 0, bytes: 0, target_limit: 0, replaced: 0, damaged: 0 },
  });
  const append = async (more = {}) => {
    await journal.append([{ id: `${now}`, target: "alexander", data: "1", ...PLAIN_DRAFT, ...more }]);
    now += 1_000;
  };
  for (const more of [{ ttl: 30 }, {}]) await append(more);
  assertEquals(journal.stats().oldestAt, 1_000_000);
  await append();
  assertEquals([journal.stats().oldestAt, journal.stats().evicted.target_limit], [1_001_000, 1]);
  now += 60_000;
  await append({ target: "burr" });
  assertEquals([journal.stats().entries, journal.stats().evicted.expired], [1, 2]);
});

Deno.test("MemoryJournal removes what has expired although nothing else is appended, until it is closed", async () => {
  using time = new FakeTime();
  const retention = { seconds: 60, perTarget: 1_000, bytes: 1024 * 1024 };
  const journal = MemoryJournal.open({ offer: () => true, gap: () => {} }, retention);
  const draft = { ...PLAIN_DRAFT, target: "alexander", data: "1", digest: "its content" };
  await journal.append(Array.from({ length: 600 }, (_, n) => ({ ...draft, id: `${n}` })));
  time.tick(60_000);
  assertEquals(journal.stats().entries, 88); // 512 at a time
  time.tick(100);
  assertEquals([journal.stats().entries, journal.stats().bytes], [0, 0]);
  await journal.append([{ ...draft, id: "600" }]);
  await journal.close();
  time.tick(120_000);
  assertEquals(journal.stats().entries, 1);
});

Deno.test("MemoryJournal does not recognise the positions of another MemoryJournal", async () => {
  const retention = { seconds: 60, perTarget: 10, bytes: 1024 * 1024 };
  const feed = { offer: () => true, gap: () => {} };
  const [first, second] = [new MemoryJournal(feed, retention), new MemoryJournal(feed, retention)];
  const { next } = await first.read("alexander", null, { entries: 0, bytes: 0 });
  assertEquals((await second.read("alexander", next, { entries: 1, bytes: 1 })).complete, false);
});
