/** SqliteJournal forgets a target: no byte of it is left in its files, also after a crash in between. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Draft } from "../../../src/journal/journal.ts";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { StoredSchedule } from "../../../src/schedule/stored_schedule.ts";
import { OLDEST } from "../../../src/wire/position.ts";
import { countInFolder } from "../../count_in_folder.ts";
import { createRandom } from "../../random.ts";
import { append, draft, headOf, read, TestFile } from "./test_file.ts";

const NAME = "alexander-of-nevis";

function own(more: Partial<Draft> = {}): Draft {
  return draft(NAME, { data: JSON.stringify(NAME.repeat(20)), digest: "d", topic: null, ...more });
}

Deno.test("SqliteJournal.wipe leaves no byte of an erased target in the file and its -wal, also of what was deleted before", async () => {
  await using file = new TestFile();
  const journal = await file.open({ perTarget: 50 }), random = createRandom(7);
  for (let round = 0; round < 60; round++) {
    const others = Array.from(
      { length: 20 },
      (_, n) => draft(`other-${n}`, { data: `"${"x".repeat(Math.floor(random() * 900))}"` }),
    );
    const large = own({
      data: JSON.stringify(NAME.repeat(round % 10 === 0 ? 1_000 : 10)),
      topic: `${NAME}-${round % 7}`,
    });
    await journal.append([...others, own(), large]);
  }
  const start = await journal.read(NAME, OLDEST, { entries: 1, bytes: 1 });
  await journal.mark(NAME, { type: "read", positions: start.entries.map(({ position }) => position) });
  assert(countInFolder(file.folder, NAME) > 100);
  await journal.forget(NAME);
  await journal.wipe();
  assertEquals(countInFolder(file.folder, NAME), 0);
  assertEquals((await read(journal, "other-3", OLDEST)).positions.length, 50);
  await append(journal, "other-3");
  assertEquals(countInFolder(file.folder, NAME), 0);
  await file.close();
  assertEquals(countInFolder(file.folder, NAME), 0);
});

Deno.test("SqliteJournal tells readers of an erasure after a restart too, and knows repeats of what was erased", async () => {
  await using file = new TestFile();
  let journal = await file.open();
  const before = await headOf(journal), repeated = own({ id: "r" });
  await journal.append([repeated, own()]);
  await append(journal, "eliza");
  await journal.forget(NAME);
  const after = await headOf(journal);
  for (let restart = 0; restart < 2; restart++) {
    journal = await file.open();
    assertEquals(await read(journal, NAME, before), { positions: [], complete: false });
    assertEquals((await read(journal, NAME, after)).complete, true);
    assertEquals((await read(journal, "eliza", before)).complete, true);
    assertEquals((await read(journal, "burr", before)).complete, true);
    assertEquals((await journal.append([repeated])).map(({ outcome }) => outcome), ["repeated"]);
  }
});

Deno.test("SqliteJournal.forget completes after a crash what an earlier one has begun", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  await journal.append([own(), own(), draft("eliza")]);
  const forgetting = journal.forget(NAME);
  await using copy = new TestFile();
  await file.copyAsKilledTo(copy.path); // in the middle of it
  await forgetting;
  const again = await copy.open();
  await again.forget(NAME);
  await again.wipe();
  assertEquals([countInFolder(copy.folder, NAME), (await read(again, NAME, OLDEST)).positions], [0, []]);
  assertEquals((await read(again, "eliza", OLDEST)).positions.length, 1);
  assertEquals(copy.damaged, 0);
});

Deno.test("SqliteJournal.forget erases several targets at once, beside what is appended", async () => {
  await using file = new TestFile();
  const journal = await file.open(), names = Array.from({ length: 8 }, (_, n) => `${NAME}-${n}`);
  await append(journal, ...names, ...names, "eliza");
  const [, kept] = await Promise.all([
    Promise.all(names.map((name) => journal.forget(name).then(() => journal.wipe()))),
    append(journal, ...Array(20).fill("eliza")),
  ]);
  assertEquals(countInFolder(file.folder, NAME), 0);
  assertEquals((await read(journal, "eliza", OLDEST)).positions.slice(1), kept);
});

Deno.test("SqliteJournal.forget keeps what the file holds beside the journal", async () => {
  await using file = new TestFile();
  const journal = await file.open(), options = { maxBytes: 65_536, now: () => file.clock.now };
  const schedule = await StoredSchedule.open(journal.scheduleRows, options);
  await schedule.add([{ key: "note 1", digest: "", addedAt: 0, dueAt: file.clock.now, content: "Hello" }]);
  await journal.forget(NAME);
  await journal.wipe();
  assertEquals((await schedule.take("note", { records: 1, bytes: 1 })).map(({ content }) => content), [
    "Hello",
  ]);
  await schedule.close();
});

Deno.test("SqliteJournal.forget rejects if the file cannot be written, and when the journal is closed", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  await append(journal, NAME);
  {
    using other = new DatabaseSync(file.path);
    other.exec("BEGIN IMMEDIATE");
    await assertRejects(() => journal.forget(NAME), UnavailableError);
    other.exec("ROLLBACK");
  }
  await file.close();
  for (const call of ["forget", "wipe"] as const) {
    await assertRejects(() => journal[call](NAME), UnavailableError);
  }
});
