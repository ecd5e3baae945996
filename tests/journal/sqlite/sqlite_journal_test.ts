/** The SQLite journal fulfils the contract, and keeps everything across restarts. */

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { SqliteJournal } from "../../../src/journal/sqlite/sqlite_journal.ts";
import { CannotOpenError } from "../../../src/journal/sqlite/schema.ts";
import { eventually } from "../../eventually.ts";
import { journalContract } from "../../contracts/journal.ts";
import { journalStatsContract } from "../../contracts/journal_stats.ts";
import type { CreateJournal } from "../../contracts/journal_tests.ts";
import { forgettingContract } from "../../contracts/forgetting.ts";
import { marksContract } from "../../contracts/marks.ts";
import { ALL, draft, headOf, positionOf, RETENTION, TestFile } from "./test_file.ts";

const FEED = { offer: () => true, gap: () => {} };

function onFailure(error: Error): never {
  throw error;
}

const create: CreateJournal = async (feed, retention, now) => {
  const path = `${await Deno.makeTempDir()}/created/by/open/j.db`;
  return await SqliteJournal.open(path, feed, { retention, synchronous: "normal", onFailure, now });
};

journalContract("SqliteJournal", create);
marksContract("SqliteJournal", create);
forgettingContract("SqliteJournal", create);
journalStatsContract("SqliteJournal", create);

Deno.test("SqliteJournal says when the oldest entry was accepted, also after a restart with another retention", async () => {
  await using file = new TestFile();
  const journal = await file.open({ seconds: 3_600, perTarget: 2 });
  assertEquals(journal.stats().oldestAt, null);
  const first = file.clock.now;
  await journal.append([draft("alexander", { ttl: 60 })]);
  file.clock.now += 1_000;
  await journal.append([draft("alexander")]);
  await eventually(() => journal.stats().oldestAt === first);
  const again = await file.open({ seconds: 7_200, perTarget: 2 });
  assertEquals([again.stats().entries, again.stats().oldestAt], [2, first]);
  await again.append([draft("alexander")]); // the target may have two
  await eventually(() => again.stats().oldestAt === first + 1_000);
  file.clock.now += 3_700_000;
  await eventually(() => again.stats().evicted.expired === 1);
  assertEquals(again.stats().entries, 1);
});

Deno.test("SqliteJournal says when the oldest entry was accepted if that is a mark", async () => {
  await using file = new TestFile();
  const journal = await file.open({ perTarget: 1 });
  const [receipt] = await journal.append([draft("alexander")]);
  file.clock.now += 1_000;
  const markedAt = file.clock.now;
  await journal.mark("alexander", { type: "read", positions: [positionOf(receipt)] });
  file.clock.now += 1_000;
  await journal.append([draft("alexander")]); // evicts the first notification
  await eventually(() => journal.stats().oldestAt === markedAt);
});

Deno.test("SqliteJournal has the same entries at the same positions after a restart", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  await journal.append([draft("alexander"), draft(null, { topic: "duel", urgency: "high" }), draft("burr")]);
  await journal.append([draft("alexander", { ttl: 10 }), draft("alexander", { ttl: 0 })]);
  const before = await journal.read("alexander", start, ALL);
  const head = await headOf(journal);
  const again = await file.open();
  assertEquals(await again.read("alexander", start, ALL), before);
  assertEquals([before.entries.length, before.complete, await headOf(again)], [3, true, head]);
  const [receipt] = await again.append([draft("alexander")]);
  assert(positionOf(receipt) > head, "new positions come after the head");
  const rest = await again.read("alexander", head, ALL);
  assertEquals([rest.entries.map(({ position }) => position), rest.complete], [[positionOf(receipt)], true]);
});

Deno.test("SqliteJournal applies topics, expiry and limits across a restart", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  await journal.append([draft("alexander", { topic: "duel" }), draft("alexander", { ttl: 10 })]);
  await journal.append([draft("alexander", { topic: "bank" })]);
  await journal.append([draft("alexander", { topic: "bank", ttl: 0 })]);
  const again = await file.open();
  const newest = draft("alexander", { topic: "duel" });
  await again.append([newest]);
  file.clock.now += 10_000;
  const page = await again.read("alexander", start, ALL);
  assertEquals([page.entries.map(({ id }) => id), page.complete], [[newest.id], true]);
  const smaller = await file.open({ perTarget: 2 });
  await smaller.append([draft("alexander"), draft("alexander")]);
  const rest = await smaller.read("alexander", start, ALL);
  assertEquals([rest.entries.length, rest.complete], [2, false]);
});

Deno.test("SqliteJournal knows after a restart which targets lost entries before it", async () => {
  await using file = new TestFile();
  const journal = await file.open({ perTarget: 2 });
  const start = await headOf(journal);
  const receipts = await journal.append(
    ["alexander", "alexander", "alexander", "burr"].map((target) => draft(target)),
  );
  await journal.append([draft("alexander", { topic: "a" })]);
  await journal.append([draft("burr", { ttl: 10 })]);
  const again = await file.open({ perTarget: 100 });
  assert(!(await again.read("alexander", start, ALL)).complete);
  assert((await again.read("alexander", positionOf(receipts[1]), ALL)).complete);
  assert(
    (await again.read("burr", start, ALL)).complete,
    "the entries that alexander lost do not count for burr",
  );
  file.clock.now += 3_600_000;
  await eventually(() => file.count("entries") === 0);
  const later = await file.open();
  const page = await later.read("burr", start, ALL);
  assertEquals([page.entries, page.complete], [[], false]);
  assert((await later.read("burr", await headOf(later), ALL)).complete, "nothing is missing after the head");
});

Deno.test("SqliteJournal recognises repeats across a restart, even of replaced entries, until their window is over", async () => {
  await using file = new TestFile();
  const once = draft("alexander", { id: "duel", digest: "content", topic: "duel" });
  const [first] = await (await file.open()).append([once]);
  await (await file.open()).append([draft("alexander", { topic: "duel" })]);
  const again = await file.open();
  const receipts = await again.append([once, { ...once, target: "burr" }, { ...once, digest: "other" }]);
  assertEquals(receipts.map(({ outcome }) => outcome), ["repeated", "kept", "conflict"]);
  assertEquals(positionOf(receipts[0]), positionOf(first));
  file.clock.now += 3_600_000;
  await eventually(() => file.count("sent_ids") === 0);
  const [anew] = await (await file.open()).append([once]);
  assertEquals(anew?.outcome, "kept");
});

Deno.test("SqliteJournal deletes evicted and expired entries while it is idle", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  await journal.append(Array.from({ length: 2_000 }, () => draft("alexander")));
  await eventually(() => file.count("entries") <= 1_000); // the limit of the target
  file.clock.now += 3_600_000;
  await eventually(() => file.count("entries") === 0);
});

Deno.test("SqliteJournal does not recognise a position that a power cut took back", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  await journal.append([draft("alexander")]);
  const copy = await Promise.all(["", "-wal"].map((end) => Deno.readFile(file.path + end)));
  const receipts = await journal.append([draft("alexander"), draft("alexander")]);
  await (await file.open()).close();
  await Deno.remove(file.path);
  for (const [index, end] of ["", "-wal"].entries()) {
    await Deno.writeFile(file.path + end, copy[index] ?? new Uint8Array());
  }
  const again = await SqliteJournal.open(file.path, FEED, {
    retention: RETENTION,
    synchronous: "full",
    onFailure,
  });
  const fresh = await again.append([draft("alexander"), draft("alexander"), draft("alexander")]);
  for (const lost of receipts.map(positionOf)) {
    assertLess(lost, positionOf(fresh[0]));
    assert(!(await again.read("alexander", lost, ALL)).complete, "its holder has not read the new entries");
  }
  await again.close();
});

Deno.test("SqliteJournal is unavailable while another program locks its file, and then continues", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const once = draft("alexander", { id: "duel", digest: "content" });
  {
    using other = new DatabaseSync(file.path);
    other.exec("BEGIN IMMEDIATE");
    await assertRejects(() => journal.append([once]), UnavailableError, "cannot be written");
    assertEquals((await journal.read("alexander", start, ALL)).entries, []);
  }
  const [kept] = await journal.append([once]);
  assertEquals(kept?.outcome, "kept");
  assertEquals((await journal.read("alexander", start, ALL)).entries.length, 1);
});

Deno.test("SqliteJournal refuses a file that is already open", async () => {
  await using file = new TestFile();
  await file.open();
  const other = () =>
    SqliteJournal.open(file.path, FEED, { retention: RETENTION, synchronous: "full", onFailure });
  await assertRejects(other, CannotOpenError, `cannot open ${file.path}: another process has it open`);
});

Deno.test("SqliteJournal rejects calls after close, and keeps what was appended before", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const appended = journal.append([draft("alexander")]);
  await journal.close();
  assertEquals((await appended)[0]?.outcome, "kept");
  await assertRejects(() => journal.append([draft("alexander")]), UnavailableError);
  await assertRejects(() => journal.read("alexander", start, ALL), UnavailableError);
  assertEquals((await (await file.open()).read("alexander", start, ALL)).entries.length, 1);
});
