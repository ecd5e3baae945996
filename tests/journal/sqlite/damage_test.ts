/** Damaged bytes in the file of a SQLite journal: nobody is sent them, and whoever misses something is told. */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { SqliteJournal } from "../../../src/journal/sqlite/sqlite_journal.ts";
import { ALL, append, draft, headOf, read, TestFile } from "./test_file.ts";

const PAGE = 4096;
const ENCODER = new TextEncoder();

/** Changes the bytes of the file where this text is. */
function overwrite(path: string, text: string, by: string): void {
  const bytes = Deno.readFileSync(path);
  const at = bytes.findIndex((_, index) =>
    bytes.subarray(index, index + text.length).toString() === ENCODER.encode(text).toString()
  );
  assert(at >= 0, `${text} is in the file`);
  bytes.set(ENCODER.encode(by), at);
  Deno.writeFileSync(path, bytes);
}

/** A closed file with three entries for alexander and one for burr, and the positions of the entries. */
async function closedFile(file: TestFile): Promise<{ start: string; positions: string[] }> {
  const journal = await file.open();
  const start = await headOf(journal);
  const drafts = ["first", "second", "third"].map((data) => draft("alexander", { data: `"${data} text"` }));
  await journal.append(drafts);
  await append(journal, "burr");
  const { positions } = await read(journal, "alexander", start);
  await file.close();
  return { start, positions };
}

Deno.test("SqliteJournal skips a damaged entry, and tells every reader that would have got it", async () => {
  await using file = new TestFile();
  const { start, positions: [first, second, third] } = await closedFile(file);
  overwrite(file.path, '"second text"', '"second\\text"');
  const journal = await file.open();
  assertEquals(file.damaged, 1);
  for (let reading = 0; reading < 2; reading++) {
    assertEquals(await read(journal, "alexander", start), { positions: [first, third], complete: false });
    assertEquals(await read(journal, "alexander", second ?? ""), { positions: [third], complete: true });
  }
  const again = await file.open();
  assertEquals(await read(again, "alexander", start), { positions: [first, third], complete: false });
  assertEquals(file.damaged, 1, "the damaged row is deleted");
});

Deno.test("SqliteJournal skips an entry that was damaged after it was opened", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const [first, second] = await append(journal, "alexander", "alexander", "burr");
  file.sql("UPDATE entries SET text = text || ',' WHERE sequence = (SELECT min(sequence) FROM entries)");
  assertEquals(await read(journal, "alexander", start), { positions: [second], complete: false });
  assertEquals(await read(journal, "alexander", first ?? ""), { positions: [second], complete: true });
  assertEquals([(await read(journal, "burr", start)).complete, file.damaged], [true, 1]);
});

Deno.test("SqliteJournal goes on after a page of damaged entries alone", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const positions = await append(journal, "alexander", "alexander", "alexander");
  file.sql("UPDATE entries SET text = '' WHERE sequence < (SELECT max(sequence) FROM entries)");
  const page = await journal.read("alexander", start, { entries: 2, bytes: ALL.bytes });
  assertEquals([page.entries, page.next, page.more, page.complete], [[], positions[1], true, false]);
  assertEquals((await read(journal, "alexander", page.next)).positions, positions.slice(2));
});

const CHANGES: readonly (readonly [what: string, sql: string])[] = [
  ["an entry's target", "UPDATE entries SET target = 'burr' WHERE text LIKE '%second%'"],
  ["an entry's expiry", "UPDATE entries SET expires_at = 9e15 WHERE text LIKE '%second%'"],
  ["an entry's size", "UPDATE entries SET bytes = 9223372036854775807 WHERE text LIKE '%second%'"],
  ["an entry's topic", "UPDATE entries SET topic = 'duel' WHERE text LIKE '%second%'"],
  ["the journal's epoch", "UPDATE journal SET epoch = 'epoch000'"],
  ["an entry's number", "UPDATE entries SET sequence = 9223372036854775807 WHERE text LIKE '%second%'"],
  ["an entry's number (another one)", "UPDATE entries SET sequence = 5 WHERE text LIKE '%second%'"],
  ["the journal's head", "UPDATE journal SET head = 1"],
  ["the journal's head (too large)", "UPDATE journal SET head = 9223372036854775807"],
  ["the journal's losses", "UPDATE journal SET lost_through = 1"],
  ["the journal's row", "DELETE FROM journal"],
  ["a gap", "UPDATE gaps SET before = before - 1"],
  ["a loss", "INSERT INTO losses VALUES ('burr', 1, 0)"],
];

for (const [what, sql] of CHANGES) {
  Deno.test(`SqliteJournal tells readers that they may miss something when ${what} is damaged`, async () => {
    await using file = new TestFile();
    const { start, positions } = await closedFile(file);
    file.sql(sql);
    const journal = await file.open();
    assert(file.damaged > 0);
    const page = await read(journal, "alexander", start);
    assert(!page.complete);
    assertEquals(page.positions, positions.filter((position) => page.positions.includes(position)));
    assert(page.positions.length >= 2);
    const [fresh] = await append(journal, "alexander");
    const head = positions.at(-1) ?? "";
    assert((await read(journal, "alexander", head)).positions.includes(fresh ?? ""));
  });
}

Deno.test("SqliteJournal forgets a damaged id, and keeps the others", async () => {
  await using file = new TestFile();
  const [one, two] = ["1", "2"].map((id) => draft("alexander", { id, digest: "content" }));
  assert(one !== undefined && two !== undefined);
  await (await file.open()).append([one, two]);
  await file.close();
  file.sql("UPDATE sent_ids SET digest = 'damaged' WHERE id = '1'");
  const receipts = await (await file.open()).append([one, two]);
  assertEquals(receipts.map(({ outcome }) => outcome), ["kept", "repeated"]);
  assertEquals(file.damaged, 1);
});

/** A closed file of many pages, where reading starts, and the positions of all entries. */
async function largeFile(
  file: TestFile,
  { entries, size }: { entries: number; size: number },
): Promise<{ start: string; positions: string[] }> {
  const journal = await file.open();
  const start = await headOf(journal);
  const data = `"${"x".repeat(size)}"`;
  for (let n = 0; n < entries; n += 20) {
    await journal.append(Array.from({ length: 20 }, () => draft("alexander", { data })));
  }
  const { positions } = await read(journal, "alexander", start);
  await file.close();
  return { start, positions };
}

async function assertRecovered(
  journal: SqliteJournal,
  start: string,
  positions: string[],
): Promise<string[]> {
  const page = await read(journal, "alexander", start);
  assert(!page.complete);
  assert(page.positions.every((position) => positions.includes(position)));
  const [fresh] = await append(journal, "alexander");
  assertEquals((await read(journal, "alexander", start)).positions.at(-1), fresh);
  return page.positions;
}

for (const part of ["the first", "a middle", "the last"] as const) {
  Deno.test(`SqliteJournal keeps what it can read when ${part} page is torn`, async () => {
    await using file = new TestFile();
    const { start, positions } = await largeFile(file, { entries: 400, size: 900 });
    const bytes = Deno.readFileSync(file.path);
    const pages = bytes.length / PAGE;
    // The header of the file is in the first page: it still tells that this is a journal.
    const from =
      { "the first": 100, "a middle": PAGE * Math.floor(pages / 2), "the last": PAGE * (pages - 1) }[part];
    crypto.getRandomValues(bytes.subarray(from, PAGE * Math.floor(from / PAGE + 1)));
    Deno.writeFileSync(file.path, bytes);
    const kept = await assertRecovered(await file.open(), start, positions);
    if (part !== "the first") assert(kept.length > 350, `${kept.length}`);
    assert(file.damaged > 0);
    assertEquals(
      Deno.statSync(`${file.path}-damaged`).size,
      bytes.length,
      "the damaged file is there to look at",
    );
    file.damaged = 0;
    await read(await file.open(), "alexander", start);
    assertEquals(file.damaged, 0);
  });
}

Deno.test("SqliteJournal repairs a file whose structure turns out to be damaged while it runs, and accepts what comes", async () => {
  await using file = new TestFile();
  const { start, positions } = await largeFile(file, { entries: 1_000, size: 3_000 });
  const journal = await file.open();
  const few = { entries: 10, bytes: ALL.bytes };
  assertEquals((await journal.inbox("alexander", null, few)).entries.length, 10);
  const database = Deno.openSync(file.path, { write: true });
  const { mtime, atime } = database.statSync();
  for (let page = 10; page < 500; page++) { // SQLite still has the last pages that it read in memory
    database.seekSync(PAGE * page, Deno.SeekMode.Start);
    database.writeSync(new Uint8Array(PAGE));
  }
  database.utimeSync(atime ?? 0, mtime ?? 0); // as bits that rot leave it
  database.close();
  const expired = await journal.read("alexander", start, ALL);
  assert(!expired.complete && expired.entries.length < positions.length);
  const [fresh] = await append(journal, "alexander");
  assertEquals((await read(journal, "alexander", start)).positions.at(-1), fresh);
  const [newest] = await append(journal, "burr");
  const inbox = await file.readBesideWorker(journal, () => journal.inbox("burr", null, ALL));
  assertEquals(inbox.entries[0]?.position, newest, "what is read is the rebuilt file");
});

/** Opens a copy whose `-wal` was changed, and returns whether a reader of the original has everything there. */
async function isCompleteAfter(
  change: (wal: Uint8Array) => Uint8Array,
  { isKilled }: { isKilled: boolean },
): Promise<boolean> {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const expected: string[] = [];
  for (let n = 0; n < 50; n++) expected.push(...await append(journal, "alexander"));
  const path = `${file.folder}/copy`;
  await (isKilled ? file.copyAsKilledTo(path) : file.copyTo(path));
  Deno.writeFileSync(`${path}-wal`, change(Deno.readFileSync(`${path}-wal`)));
  const copy = await file.openAt(path);
  const { complete, positions } = await read(copy, "alexander", start);
  if (complete) assertEquals(positions, expected);
  const [fresh] = await append(copy, "alexander");
  assertEquals((await read(copy, "alexander", start)).positions.at(-1), fresh);
  await copy.close();
  return complete;
}

/** A frame as SQLite begins it: the header of one that ends a transaction, and nothing or something old as its page. */
function withTornFrame(wal: Uint8Array, page: Uint8Array): Uint8Array {
  const header = wal.subarray(wal.length - PAGE - 24, wal.length - PAGE);
  return new Uint8Array([...wal, ...header, ...page]);
}

function withFlippedByte(wal: Uint8Array, index: number): Uint8Array {
  return wal.with(index, ~(wal.at(index) ?? 0));
}

for (const isKilled of [true, false]) {
  const ended = isKilled ? "that a killed process left" : "of a backup";
  for (const [which, pages] of [["a", 2], ["the last", 1]] as const) {
    Deno.test(`SqliteJournal tells readers that they may miss something when ${which} frame of a -wal ${ended} is damaged`, async () => {
      const damage = (wal: Uint8Array) => withFlippedByte(wal, wal.length - pages * PAGE);
      assert(!await isCompleteAfter(damage, { isKilled }));
    });
  }

  Deno.test(`SqliteJournal does not take the beginning of a frame in a -wal ${ended} for a loss`, async () => {
    assert(await isCompleteAfter((wal) => wal, { isKilled }));
    assert(await isCompleteAfter((wal) => withTornFrame(wal, new Uint8Array(0)), { isKilled }));
    assert(await isCompleteAfter((wal) => withTornFrame(wal, new Uint8Array(PAGE - 1)), { isKilled }));
  });
}

Deno.test("SqliteJournal does not take a transaction for lost that a killed process had not finished in a -wal that is used again", async () => {
  const old = new Uint8Array(PAGE).fill(7);
  assert(await isCompleteAfter((wal) => withTornFrame(wal, old), { isKilled: true }));
});

/** Makes a file without marks what version 1 would have written. */
function makeVersion1(path: string): void {
  using database = new DatabaseSync(path);
  for (const table of ["journal", "gaps", "entries", "sent_ids", "losses"]) {
    database.exec(`ALTER TABLE ${table} DROP COLUMN checksum`);
  }
  database.exec(
    "DROP TABLE scheduled; DROP TABLE push_subscriptions; DROP TABLE presence; DROP TABLE last_seen; DROP TABLE revocations; ALTER TABLE entries RENAME COLUMN kind TO is_brief; PRAGMA user_version = 1",
  );
}

Deno.test("SqliteJournal brings a file of version 1 up to date, without entries that are no JSON", async () => {
  await using file = new TestFile();
  const { start, positions } = await closedFile(file);
  makeVersion1(file.path);
  const journal = await file.open();
  assertEquals(await read(journal, "alexander", start), { positions, complete: true });
  await file.close();
  file.sql("UPDATE entries SET text = text || ',' WHERE text LIKE '%second%'");
  makeVersion1(file.path);
  const [first, , third] = positions;
  const again = await file.open();
  assertEquals(await read(again, "alexander", start), { positions: [first, third], complete: false });
});
