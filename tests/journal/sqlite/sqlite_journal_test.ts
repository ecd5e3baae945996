/** The SQLite journal keeps the contract, across restarts too; and what is its own. */

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { type Draft, type Journal, type Receipt, UnavailableError } from "../../../src/journal/journal.ts";
import { SqliteJournal } from "../../../src/journal/sqlite/sqlite_journal.ts";
import { CannotOpenError } from "../../../src/journal/sqlite/schema.ts";
import { journalContract } from "../../contracts/journal.ts";

const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 16 * 1024 * 1024 };
const ALL = { entries: 10_000, bytes: 16 * 1024 * 1024 };
const NO_FEED = { offer: () => true, gap: () => {} };

function failed(error: Error): never {
  throw error;
}

journalContract("SqliteJournal", async (feed, retention, now) => {
  const path = `${await Deno.makeTempDir()}/made/by/itself/j.db`;
  return await SqliteJournal.open(path, feed, { retention, synchronous: "normal", failed, now });
});

/** A file, and the journals that one after the other have it. */
class Place implements AsyncDisposable {
  readonly path = `${Deno.makeTempDirSync()}/j.db`;
  readonly clock = { now: Date.UTC(1804, 6, 11, 7) };
  #journal: SqliteJournal | undefined;

  async open(retention: Partial<typeof RETENTION> = {}): Promise<Journal> {
    await this.#journal?.close();
    return this.#journal = await SqliteJournal.open(this.path, NO_FEED, {
      retention: { ...RETENTION, ...retention },
      synchronous: "normal",
      failed,
      now: () => this.clock.now,
    });
  }

  /** What the file has, seen from outside. */
  count(table: "entries" | "sent_ids"): number {
    using database = new DatabaseSync(this.path, { readOnly: true });
    return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal?.close();
    await Deno.remove(this.path.slice(0, -"/j.db".length), { recursive: true });
  }
}

let drafts = 0;

function draft(target: string | null, more: Partial<Draft> = {}): Draft {
  const data = String(++drafts);
  return { id: `"${data}"`, target, data, ttl: null, topic: null, urgency: null, digest: null, ...more };
}

function keptAt(receipt: Receipt | undefined): string {
  assert(receipt !== undefined && receipt.outcome !== "conflict");
  return receipt.position;
}

async function headOf(journal: Journal): Promise<string> {
  return (await journal.read("anyone", null, ALL)).next;
}

Deno.test("SqliteJournal has after a restart what it kept before, in the same places", async () => {
  await using place = new Place();
  const journal = await place.open();
  const start = await headOf(journal);
  await journal.append([draft("alexander"), draft(null, { topic: "duel", urgency: "high" }), draft("burr")]);
  await journal.append([draft("alexander", { ttl: 10 }), draft("alexander", { ttl: 0 })]);
  const before = await journal.read("alexander", start, ALL);
  const head = await headOf(journal);
  const again = await place.open();
  assertEquals(await again.read("alexander", start, ALL), before);
  assertEquals([before.entries.length, before.complete, await headOf(again)], [3, true, head]);
  const [receipt] = await again.append([draft("alexander")]);
  assert(keptAt(receipt) > head, "new ones come after");
  const rest = await again.read("alexander", head, ALL);
  assertEquals([rest.entries.map(({ position }) => position), rest.complete], [[keptAt(receipt)], true]);
});

Deno.test("SqliteJournal replaces by topic, expires and counts across a restart", async () => {
  await using place = new Place();
  const journal = await place.open();
  const start = await headOf(journal);
  await journal.append([draft("alexander", { topic: "duel" }), draft("alexander", { ttl: 10 })]);
  await journal.append([draft("alexander", { topic: "bank" })]);
  await journal.append([draft("alexander", { topic: "bank", ttl: 0 })]);
  const again = await place.open();
  const newest = draft("alexander", { topic: "duel" });
  await again.append([newest]);
  place.clock.now += 10_000;
  const page = await again.read("alexander", start, ALL);
  assertEquals([page.entries.map(({ id }) => id), page.complete], [[newest.id], true]);
  const smaller = await place.open({ perTarget: 2 });
  await smaller.append([draft("alexander"), draft("alexander")]);
  const rest = await smaller.read("alexander", start, ALL);
  assertEquals([rest.entries.length, rest.complete], [2, false]);
});

Deno.test("SqliteJournal knows after a restart what was lost before it, and to whom", async () => {
  await using place = new Place();
  const journal = await place.open({ perTarget: 2 });
  const start = await headOf(journal);
  const receipts = await journal.append(
    ["alexander", "alexander", "alexander", "burr"].map((to) => draft(to)),
  );
  await journal.append([draft("alexander", { topic: "a" })]);
  await journal.append([draft("burr", { ttl: 10 })]);
  const again = await place.open({ perTarget: 100 });
  assert(!(await again.read("alexander", start, ALL)).complete);
  assert((await again.read("alexander", keptAt(receipts[1]), ALL)).complete);
  assert(
    (await again.read("burr", start, ALL)).complete,
    "what alexander had too many of is not burr's loss",
  );
  place.clock.now += 3_600_000;
  while (place.count("entries") > 0) await soon();
  const later = await place.open();
  const page = await later.read("burr", start, ALL);
  assertEquals([page.entries, page.complete], [[], false]);
  assert((await later.read("burr", await headOf(later), ALL)).complete, "the head is where it was");
});

Deno.test("SqliteJournal knows repeats across a restart, also of what made room, until their window is over", async () => {
  await using place = new Place();
  const once = draft("alexander", { id: "duel", digest: "content", topic: "duel" });
  const [first] = await (await place.open()).append([once]);
  await (await place.open()).append([draft("alexander", { topic: "duel" })]);
  const again = await place.open();
  const receipts = await again.append([once, { ...once, target: "burr" }, { ...once, digest: "other" }]);
  assertEquals(receipts.map(({ outcome }) => outcome), ["repeated", "kept", "conflict"]);
  assertEquals(keptAt(receipts[0]), keptAt(first));
  place.clock.now += 3_600_000;
  while (place.count("sent_ids") > 0) await soon();
  const [anew] = await (await place.open()).append([once]);
  assertEquals(anew?.outcome, "kept");
});

Deno.test("SqliteJournal lets go of what is over while nobody asks anything", async () => {
  await using place = new Place();
  const journal = await place.open();
  await journal.append(Array.from({ length: 2_000 }, () => draft("alexander")));
  while (place.count("entries") > 1_000) await soon(); // as many as the target may have
  place.clock.now += 3_600_000;
  while (place.count("entries") > 0) await soon();
});

Deno.test("SqliteJournal does not take a position for its own that a power cut took back", async () => {
  await using place = new Place();
  const journal = await place.open();
  await journal.append([draft("alexander")]);
  const copy = await Promise.all(["", "-wal"].map((end) => Deno.readFile(place.path + end)));
  const receipts = await journal.append([draft("alexander"), draft("alexander")]);
  await (await place.open()).close();
  await Deno.remove(place.path);
  for (const [index, end] of ["", "-wal"].entries()) {
    await Deno.writeFile(place.path + end, copy[index] ?? new Uint8Array());
  }
  const again = await SqliteJournal.open(place.path, NO_FEED, {
    retention: RETENTION,
    synchronous: "full",
    failed,
  });
  const fresh = await again.append([draft("alexander"), draft("alexander"), draft("alexander")]);
  for (const taken of receipts.map(keptAt)) {
    assertLess(taken, keptAt(fresh[0]));
    assert(!(await again.read("alexander", taken, ALL)).complete, "it has not read what is there now");
  }
  await again.close();
});

Deno.test("SqliteJournal is unavailable while another program has its file locked, and goes on after", async () => {
  await using place = new Place();
  const journal = await place.open();
  const start = await headOf(journal);
  const once = draft("alexander", { id: "duel", digest: "content" });
  {
    using other = new DatabaseSync(place.path);
    other.exec("BEGIN IMMEDIATE");
    await assertRejects(() => journal.append([once]), UnavailableError, "cannot be written");
    assertEquals((await journal.read("alexander", start, ALL)).entries, []);
  }
  const [kept] = await journal.append([once]);
  assertEquals(kept?.outcome, "kept");
  assertEquals((await journal.read("alexander", start, ALL)).entries.length, 1);
});

Deno.test("SqliteJournal refuses a file that is open already", async () => {
  await using place = new Place();
  await place.open();
  const other = () =>
    SqliteJournal.open(place.path, NO_FEED, { retention: RETENTION, synchronous: "full", failed });
  await assertRejects(other, CannotOpenError, `cannot open ${place.path}: another process has it open`);
});

Deno.test("SqliteJournal rejects what comes after close, and keeps what came before", async () => {
  await using place = new Place();
  const journal = await place.open();
  const start = await headOf(journal);
  const appended = journal.append([draft("alexander")]);
  await journal.close();
  assertEquals((await appended)[0]?.outcome, "kept");
  await assertRejects(() => journal.append([draft("alexander")]), UnavailableError);
  await assertRejects(() => journal.read("alexander", start, ALL), UnavailableError);
  assertEquals((await (await place.open()).read("alexander", start, ALL)).entries.length, 1);
});

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
