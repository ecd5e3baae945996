/** ScheduleRows: a schedule in the file of a SQLite journal fulfils the contract, and survives what the journal survives. */

import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { nextTurn } from "../../../src/async/next_turn.ts";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { checksumOf } from "../../../src/journal/sqlite/checksum.ts";
import { migrate, MIGRATIONS } from "../../../src/journal/sqlite/schema.ts";
import type { Schedule, ScheduleOptions } from "../../../src/schedule/schedule.ts";
import { StoredSchedule } from "../../../src/schedule/stored_schedule.ts";
import { scheduleContract } from "../../contracts/schedule.ts";
import { eventually } from "../../eventually.ts";
import { append, headOf, read, TestFile } from "./test_file.ts";

const LIMIT = { records: 1_000, bytes: 16 * 1024 * 1024 };

/** Opens the file again, with a schedule that uses the clock of the file. */
async function open(file: TestFile, options: Partial<ScheduleOptions> = {}): Promise<Schedule> {
  const journal = await file.open();
  const defaults = { maxBytes: 1024 * 1024, now: () => file.clock.now };
  return await StoredSchedule.open(journal.scheduleRows, { ...defaults, ...options });
}

async function add(file: TestFile, schedule: Schedule, ...keys: readonly string[]): Promise<void> {
  const { now } = file.clock, times = { addedAt: now, dueAt: now };
  await schedule.add(keys.map((key) => ({ key, digest: "d", ...times, content: `of ${key}` })));
}

async function take(schedule: Schedule): Promise<string[]> {
  return (await schedule.take("", LIMIT)).map(({ key }) => key);
}

scheduleContract("StoredSchedule in a SQLite file", async (options) => {
  const file = new TestFile();
  const schedule = await open(file, options);
  const close = () => schedule.close().then(() => file[Symbol.asyncDispose]());
  return { schedule, [Symbol.asyncDispose]: close };
});

Deno.test("StoredSchedule in a SQLite file knows after a restart what waits and what is done, and what was taken waits", async () => {
  await using file = new TestFile();
  const before = await open(file);
  await add(file, before, "taken", "done", "cancelled");
  const waiting = {
    key: "waiting",
    digest: "d",
    addedAt: 1,
    dueAt: file.clock.now + 10,
    content: "of waiting",
  };
  await before.add([waiting]);
  await before.cancel("cancelled");
  assertEquals((await take(before)).toSorted(), ["done", "taken"]);
  await before.finish(["done"]);
  await before.close();
  const after = await open(file);
  assertEquals((await after.find("done"))?.state, "done");
  assertEquals(await after.find("cancelled"), null);
  assertEquals(await take(after), ["taken"]);
  file.clock.now += 1_000_000; // it was down
  assertEquals(await after.take("", LIMIT), [waiting]);
  await after.close();
});

Deno.test("StoredSchedule in a SQLite file removes from the file what it has forgotten", async () => {
  await using file = new TestFile();
  const schedule = await open(file);
  await add(file, schedule, "a", "b");
  await schedule.finish(await take(schedule));
  assertEquals(file.count("scheduled"), 2);
  file.clock.now += 24 * 60 * 60 * 1000;
  await take(schedule);
  await schedule.close();
  assertEquals(file.count("scheduled"), 0);
});

Deno.test("StoredSchedule in a SQLite file gives a new record another number than any that is in the file", async () => {
  await using file = new TestFile();
  let schedule = await open(file);
  await add(file, schedule, "a");
  await schedule.close();
  schedule = await open(file);
  await add(file, schedule, "b");
  await schedule.close();
  schedule = await open(file);
  assertEquals((await take(schedule)).toSorted(), ["a", "b"]);
  await schedule.close();
});

Deno.test("StoredSchedule in a SQLite file skips a damaged record, whenever it is found, and goes on", async () => {
  await using file = new TestFile();
  let schedule = await open(file);
  await add(file, schedule, "early", "late", "sound");
  await schedule.close();
  await file.close();
  file.sql("UPDATE scheduled SET content = content || '.' WHERE key = 'early'");
  schedule = await open(file);
  assertEquals([await schedule.find("early"), file.damaged], [null, 1]);
  file.sql("UPDATE scheduled SET content = content || '.' WHERE key = 'late'");
  assertEquals(await take(schedule), ["sound"]);
  assertEquals([await schedule.find("late"), file.damaged], [null, 2]);
  await schedule.close();
  assertEquals(file.count("scheduled"), 1);
});

Deno.test("StoredSchedule in a SQLite file takes nothing for damaged that comes and goes while records are revised", async () => {
  await using file = new TestFile();
  const schedule = await open(file);
  const revision = {
    isConcerned: () => true,
    revise: ({ content }: { content: string }) => Promise.resolve(content),
  };
  for (let n = 0; n < 20; n++) {
    await add(file, schedule, `cancelled-${n}`, `finished-${n}`, `forgotten-${n}`);
    const changes = [
      add(file, schedule, `added-${n}`),
      schedule.cancel(`cancelled-${n}`),
      take(schedule).then(() =>
        Promise.all([schedule.finish([`finished-${n}`]), schedule.forget([`forgotten-${n}`])])
      ),
    ];
    let hasChanged = false;
    const changing = Promise.all(changes).finally(() => hasChanged = true);
    while (!hasChanged) await Promise.all([schedule.revise("", revision), nextTurn()]);
    await changing;
  }
  assertEquals(file.damaged, 0);
  await schedule.close();
});

Deno.test("StoredSchedule in a SQLite file keeps its records when the file is rebuilt", async () => {
  await using file = new TestFile();
  let schedule = await open(file);
  await add(file, schedule, "a");
  await schedule.close();
  await file.close();
  const bytes = Deno.readFileSync(file.path);
  const rootPage = Number(
    file.sql("SELECT rootpage FROM sqlite_schema WHERE name = 'sent_ids'")[0]?.rootpage,
  );
  bytes.fill(0xff, (rootPage - 1) * 4096, rootPage * 4096);
  Deno.writeFileSync(file.path, bytes);
  schedule = await open(file);
  assertEquals(await take(schedule), ["a"]);
  await schedule.close();
});

Deno.test("StoredSchedule in a SQLite file takes over a file of a version that had no schedule", async () => {
  await using file = new TestFile();
  const without = MIGRATIONS.slice(0, MIGRATIONS.findIndex((sql) => sql.includes("TABLE scheduled")));
  {
    using database = new DatabaseSync(file.path);
    migrate(database, without);
    const values = [1, "epoch000", 5, 0];
    database.prepare("INSERT INTO journal VALUES (?, ?, ?, ?, ?)").run(...values, checksumOf(values));
  }
  const schedule = await open(file);
  await add(file, schedule, "a");
  assertEquals(await take(schedule), ["a"]);
  await schedule.close();
});

Deno.test("StoredSchedule in a SQLite file is unavailable while the file is lost, and takes nothing", async () => {
  await using file = new TestFile();
  const schedule = await open(file);
  await add(file, schedule, "a");
  await Deno.rename(file.path, `${file.path}-away`);
  await eventually(() => file.health.at(-1) === "lost");
  await assertRejects(() => take(schedule), UnavailableError);
  await assertRejects(() => add(file, schedule, "b"), UnavailableError);
  await assertRejects(() => schedule.cancel("a"), UnavailableError);
  await Deno.rename(`${file.path}-away`, file.path);
  await eventually(() => file.health.at(-1) === "ok");
  assertEquals(await schedule.find("b"), null);
  assertEquals(await take(schedule), ["a"]);
  await schedule.close();
});

Deno.test("SqliteJournal and the schedule write to the same file at once", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const schedule = await StoredSchedule.open(journal.scheduleRows, {
    maxBytes: 1024 * 1024,
    now: () => file.clock.now,
  });
  const start = await headOf(journal);
  await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      await Promise.all([add(file, schedule, `${n}`), append(journal, "alexander")]);
    }),
  );
  assertEquals((await read(journal, "alexander", start)).positions.length, 50);
  assertEquals((await take(schedule)).length, 50);
  await schedule.close();
});
