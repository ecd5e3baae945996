/** Marks in the file of a SQLite journal: they survive restarts, copies, failures and other people's damage. */

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { type Entry, type Journal, UnavailableError } from "../../../src/journal/journal.ts";
import type { ReadChange } from "../../../src/journal/read.ts";
import { OLDEST } from "../../../src/wire/position.ts";
import { eventually } from "../../eventually.ts";
import { ALL, append, draft, read, TestFile } from "./test_file.ts";

function readChange(...positions: readonly (string | undefined)[]): ReadChange {
  return { type: "read", positions: positions.map((position) => position ?? "") };
}

/** What alexander has read, and how many notifications he has not. */
async function inboxOf(journal: Journal): Promise<readonly unknown[]> {
  const { mark, unread } = await journal.inbox("alexander", null, ALL);
  return [mark.through, mark.read, mark.unread, unread];
}

async function marksOf(journal: Journal, after = OLDEST): Promise<Entry[]> {
  const { entries } = await journal.read("alexander", after, ALL);
  return entries.filter(({ id }) => id === null);
}

function markRows(file: TestFile): Record<string, unknown>[] {
  return file.sql("SELECT sequence, text FROM entries WHERE kind = 2 ORDER BY sequence");
}

/** A file that is open, with four notifications for alexander, of which the first and the third are read. */
async function markedFile(file: TestFile): Promise<{ journal: Journal; positions: string[] }> {
  const journal = await file.open();
  const positions = await append(journal, "alexander", "alexander", "alexander", "alexander");
  await journal.mark("alexander", readChange(positions[0], positions[2]));
  return { journal, positions };
}

Deno.test("SqliteJournal has the same mark after a restart, and merges the next change into it", async () => {
  await using file = new TestFile();
  const { journal, positions: [a1, a2, a3, a4] } = await markedFile(file);
  await journal.mark("alexander", { type: "unread", positions: [a1 ?? ""] });
  await journal.mark("alexander", readChange(a1));
  const before = [await journal.read("alexander", OLDEST, ALL), await inboxOf(journal)];
  const again = await file.open();
  assertEquals([await again.read("alexander", OLDEST, ALL), await inboxOf(again)], before);
  assertEquals(await inboxOf(again), [a1, [a3], [], 2]);
  const [a5] = await append(again, "alexander"); // its number is far from the others
  await again.mark("alexander", readChange(a5, a2));
  await again.mark("alexander", { type: "unread", positions: [a1 ?? ""] });
  const third = await file.open();
  assertEquals(await inboxOf(third), [a3, [a5], [a1], 2]);
  await third.mark("alexander", readChange(a1, a4));
  assertEquals(await inboxOf(await file.open()), [a5, [], [], 0]);
});

Deno.test("SqliteJournal has the mark in a copy of its file that was made while it was open", async () => {
  await using file = new TestFile();
  const { journal, positions: [a1, a2, a3] } = await markedFile(file);
  const path = `${file.folder}/copy`;
  await file.copyTo(path);
  await journal.mark("alexander", readChange(a2));
  const copy = await file.openAt(path);
  assertEquals(await inboxOf(copy), [a1, [a3], [], 2]);
  await copy.mark("alexander", { type: "read", through: a3 ?? "" });
  const [mark] = await marksOf(copy);
  assert(!(await read(journal, "alexander", mark?.position ?? "")).complete, "the mark is of another copy");
  await copy.close();
});

Deno.test("SqliteJournal merges the marks of one transaction with each other, and orders them with its appends", async () => {
  await using file = new TestFile();
  const offered: Entry[] = [];
  file.feed = { offer: (entry) => offered.push(entry) > 0, gap: () => {} };
  const { journal, positions } = await markedFile(file);
  const [a1 = "", a2 = "", a3 = "", a4 = ""] = positions;
  await journal.follow("alexander");
  const topic = draft("alexander", { topic: "duel" });
  const [first, [second], third, unchanged, replaced] = await Promise.all([
    journal.mark("alexander", readChange(a4)),
    append(journal, "alexander"),
    journal.mark("alexander", readChange(a2)),
    journal.mark("alexander", { type: "read", through: a4 }),
    journal.append([topic, { ...topic, id: "other" }]),
  ]);
  const ids = (await journal.read("alexander", OLDEST, ALL)).entries.map(({ id }) => id);
  assertEquals([first, third], [{ outcome: "marked", read: [ids[3]], pushes: [] }, {
    outcome: "marked",
    read: [ids[1]],
    pushes: [],
  }]);
  assertEquals([unchanged.outcome, replaced.map(({ outcome }) => outcome)], ["unchanged", ["kept", "kept"]]);
  assertEquals(offered.map(({ id }) => id), [null, ids[4], null, topic.id, "other"]);
  const order = offered.map(({ position }) => position);
  assertEquals([order, order[1]], [order.toSorted(), second]);
  assertEquals(await inboxOf(journal), [a4, [], [], 2]);
  assertEquals(JSON.parse(offered[0]?.text ?? "").read, [a3, a4]);
  assertEquals(JSON.parse(offered[0]?.text ?? "").through, a1);
});

Deno.test("SqliteJournal offers a mark when it is in the file, and deletes the row of the one before", async () => {
  await using file = new TestFile();
  const written: unknown[] = [];
  const offer = ({ position, id }: Entry) => {
    if (id === null) written.push([position.slice(9), markRows(file).at(-1)?.sequence]);
    return true;
  };
  file.feed = { offer, gap: () => {} };
  const { journal, positions: [, a2, , a4] } = await markedFile(file);
  await journal.follow("alexander");
  for (const position of [a2, a4]) await journal.mark("alexander", readChange(position));
  const sequences = written.map((one) => Array.isArray(one) ? [parseInt(one[0], 36), one[1]] : []);
  assertEquals(sequences.map(([offered]) => offered), sequences.map(([, row]) => row));
  assertEquals(sequences.length, 2);
  await eventually(() => markRows(file).length === 1, "the rows of replaced marks are deleted");
  assertEquals((await marksOf(await file.open())).length, 1);
});

Deno.test("SqliteJournal rejects a mark that cannot be written, and keeps nothing of it", async () => {
  await using file = new TestFile();
  const offered: Entry[] = [];
  file.feed = { offer: (entry) => offered.push(entry) > 0, gap: () => {} };
  const { journal, positions: [a1, a2, a3, a4] } = await markedFile(file);
  await journal.follow("alexander");
  const before = [await inboxOf(journal), await marksOf(journal)];
  {
    using other = new DatabaseSync(file.path);
    other.exec("BEGIN IMMEDIATE");
    const both = [readChange(a2), readChange(a4)].map((change) =>
      assertRejects(() => journal.mark("alexander", change), UnavailableError, "cannot be written")
    );
    await Promise.all(both);
    assertEquals([await inboxOf(journal), await marksOf(journal)], before);
  }
  await eventually(() => journal.mark("alexander", readChange(a4)).then(() => true, () => false));
  assertEquals(await inboxOf(journal), [a1, [a3, a4], [], 1]);
  assertEquals(offered.map(({ text }) => JSON.parse(text).read), [[a3, a4]]);
  assertEquals(await inboxOf(await file.open()), [a1, [a3, a4], [], 1]);
});

Deno.test("SqliteJournal rejects marks and inboxes when its file is gone, and after close", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const [a1] = await append(journal, "alexander");
  Deno.removeSync(file.path);
  await eventually(() => journal.health === "lost");
  for (let time = 0; time < 2; time++) {
    await assertRejects(() => journal.mark("alexander", readChange(a1)), UnavailableError);
    await assertRejects(() => journal.inbox("alexander", null, ALL), UnavailableError);
    await journal.close();
  }
});

Deno.test("SqliteJournal keeps a mark whose row is damaged while it runs", async () => {
  await using file = new TestFile();
  const { journal, positions: [a1, a2, a3, a4] } = await markedFile(file);
  file.sql("UPDATE entries SET text = '[1,2,[],[]]' WHERE kind = 2");
  assertEquals(await inboxOf(journal), [a1, [a3], [], 2]);
  const [mark] = await marksOf(journal);
  assertEquals(JSON.parse(mark?.text ?? "").through, a1);
  await journal.mark("alexander", readChange(a2));
  assertEquals(await inboxOf(await file.open()), [a3, [], [], 1]);
  assertLess(a3 ?? "", a4 ?? "");
  assertEquals(file.damaged, 0);
});

const DAMAGE: readonly (readonly [what: string, sql: string])[] = [
  ["its state", "UPDATE entries SET text = '[1,2,[],[]]' WHERE kind = 2"],
  ["its target", "UPDATE entries SET target = 'burr' WHERE kind = 2"],
  ["its kind", "UPDATE entries SET kind = 0 WHERE kind = 2"],
  ["the first byte of its state", "UPDATE entries SET text = replace(text, '[', '{') WHERE kind = 2"],
  ["its size", "UPDATE entries SET bytes = 9223372036854775807 WHERE kind = 2"],
];

for (const [what, sql] of DAMAGE) {
  Deno.test(`SqliteJournal skips a mark when ${what} is damaged, and tells all who believe in it, once`, async () => {
    await using file = new TestFile();
    const { journal, positions } = await markedFile(file);
    const [{ position: marked } = { position: "" }] = await marksOf(journal);
    const [last = ""] = await append(journal, "alexander");
    await file.close();
    file.sql(sql);
    const again = await file.open();
    assertEquals(file.damaged, 1);
    assertEquals([await inboxOf(again), await marksOf(again)], [[null, [], [], 5], []]);
    for (const after of [positions[3] ?? "", marked, last]) {
      assert(!(await read(again, "alexander", after)).complete, "a tab there believes in the mark");
    }
    const { next } = await again.read("alexander", last, ALL);
    assert((await read(again, "alexander", next)).complete, "nobody is told twice");
    await again.mark("alexander", readChange(positions[1]));
    const third = await file.open();
    assertEquals([file.damaged, (await read(third, "alexander", next)).complete], [1, true]);
    assert(!(await read(third, "alexander", last)).complete, "tabs that come later are told as well");
    assertEquals(await inboxOf(third), [null, [positions[1]], [], 4]);
  });
}

Deno.test("SqliteJournal keeps marks when it rebuilds its file around a torn page", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const data = `"${"x".repeat(900)}"`;
  const drafts = Array.from({ length: 400 }, () => draft("alexander", { data }));
  await journal.append(drafts);
  const { entries } = await journal.inbox("alexander", null, ALL);
  await journal.mark("alexander", { type: "read", through: entries[10]?.position ?? "" });
  await file.close();
  const bytes = Deno.readFileSync(file.path), page = 4_096;
  const middle = page * Math.floor(bytes.length / page / 2);
  crypto.getRandomValues(bytes.subarray(middle, middle + page));
  Deno.writeFileSync(file.path, bytes);
  const again = await file.open();
  assert(file.damaged > 0);
  const { mark, unread } = await again.inbox("alexander", null, ALL);
  assertEquals([mark, unread], [{ through: entries[10]?.position ?? "", read: [], unread: [] }, 10]);
});

Deno.test("SqliteJournal answers an inbox without its damaged notifications, and does not count them", async () => {
  await using file = new TestFile();
  const { journal, positions: [a1, a2, a3, a4] } = await markedFile(file);
  await append(journal, "burr");
  const rows = "SELECT sequence FROM entries WHERE target = 'alexander' AND kind = 0 ORDER BY sequence";
  const [second, third] = file.sql(rows).slice(1, 3).map(({ sequence }) => sequence);
  file.sql(`UPDATE entries SET text = text || ',' WHERE sequence IN (${second}, ${third})`);
  const page = await journal.inbox("alexander", null, { entries: 2, bytes: ALL.bytes });
  assertEquals(page.entries.map(({ position }) => position), [a4, a1]);
  assertEquals([page.unread, page.more, file.damaged], [1, false, 2]);
  assert(!(await read(journal, "alexander", a2 ?? "")).complete);
  assert((await read(journal, "alexander", a3 ?? "")).complete);
});

Deno.test("SqliteJournal marks what it can no longer read, without its id", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const drafts = [draft("alexander"), draft("alexander")];
  await journal.append(drafts);
  const { position } = await journal.inbox("alexander", null, ALL);
  file.sql("UPDATE entries SET text = text || ',' WHERE sequence = (SELECT min(sequence) FROM entries)");
  const receipt = await journal.mark("alexander", { type: "read", through: position });
  assertEquals(receipt, { outcome: "marked", read: [drafts[1]?.id ?? ""], pushes: [] });
});

Deno.test("SqliteJournal keeps a mark for as long as what it speaks of, also if the retention has become shorter", async () => {
  await using file = new TestFile();
  await append(await file.open({ seconds: 3_600 }), "alexander");
  const journal = await file.open({ seconds: 60 });
  const { position } = await journal.inbox("alexander", null, ALL);
  await journal.mark("alexander", { type: "read", through: position });
  file.clock.now += 3_599_999;
  const { entries } = await journal.read("alexander", OLDEST, ALL);
  assertEquals([entries.length, entries.at(-1)?.id], [2, null]);
  file.clock.now += 1;
  await eventually(() => file.count("entries") === 0);
});

Deno.test("SqliteJournal opens a file of version 2, and refuses one of a later version than it knows", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const positions = await append(journal, "alexander", "burr");
  await file.close();
  {
    using database = new DatabaseSync(file.path);
    database.exec(
      "DROP TABLE scheduled; DROP TABLE push_subscriptions; DROP TABLE presence; DROP TABLE last_seen; DROP TABLE revocations; ALTER TABLE entries RENAME COLUMN kind TO is_brief",
    );
    database.exec("PRAGMA user_version = 2");
  }
  const again = await file.open();
  assertEquals(await read(again, "alexander", OLDEST), { positions: positions.slice(0, 1), complete: false });
  await again.mark("alexander", readChange(positions[0]));
  assertEquals(await inboxOf(await file.open()), [positions[0], [], [], 0]);
  assertEquals(file.damaged, 0);
});
