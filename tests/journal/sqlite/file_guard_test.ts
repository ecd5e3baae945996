/** What happens to the file of a SQLite journal while it is open: the journal notices it, or is not disturbed. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { CannotOpenError } from "../../../src/journal/sqlite/schema.ts";
import { eventually } from "../../eventually.ts";
import { append, headOf, read, TestFile } from "./test_file.ts";

const LOST: readonly (readonly [how: string, change: (file: TestFile) => void])[] = [
  ["deleted", ({ path }) => Deno.removeSync(path)],
  ["moved away", ({ path }) => Deno.renameSync(path, `${path}.old`)],
  ["moved away with its folder", ({ folder }) => moveFolder(folder)],
  ["replaced by a copy", ({ path }) => {
    Deno.copyFileSync(path, `${path}.copy`);
    Deno.renameSync(`${path}.copy`, path);
  }],
  ["truncated", ({ path }) => Deno.truncateSync(path, 4_096)],
  ["emptied", ({ path }) => Deno.truncateSync(path)],
  ["overwritten in its place", ({ path }) => Deno.writeFileSync(path, Deno.readFileSync(path))],
  ["left, but its -wal is emptied", ({ path }) => Deno.truncateSync(`${path}-wal`)],
];

for (const [how, change] of LOST) {
  Deno.test(`SqliteJournal accepts and claims nothing any more when its file is ${how}`, async () => {
    await using file = new TestFile();
    const journal = await file.open();
    const start = await headOf(journal);
    await append(journal, "alexander", "alexander");
    await timePasses(file); // a file system tells times of change to a few milliseconds
    change(file);
    await eventually(() => journal.health === "lost", how);
    await assertRejects(() => append(journal, "alexander"), UnavailableError);
    await assertRejects(() => read(journal, "alexander", start), UnavailableError);
    await assertRejects(() => headOf(journal), UnavailableError);
  });
}

const HARMLESS: readonly (readonly [what: string, change: (file: TestFile) => void])[] = [
  ["its -wal is deleted", ({ path }) => Deno.removeSync(`${path}-wal`)],
  ["its -shm is deleted", ({ path }) => Deno.removeSync(`${path}-shm`)],
  [
    "its -wal is moved to the database by another program",
    (file) => file.sql("PRAGMA wal_checkpoint(TRUNCATE)"),
  ],
  ["another program rebuilds it (VACUUM)", (file) => file.sql("VACUUM")],
  ["another program reads it", (file) => file.sql("SELECT * FROM entries")],
];

for (const [what, change] of HARMLESS) {
  Deno.test(`SqliteJournal keeps everything when ${what}`, async () => {
    await using file = new TestFile();
    const journal = await file.open();
    const start = await headOf(journal);
    const positions = await append(journal, "alexander", "alexander");
    change(file);
    for (const isThere of ["-wal", "-shm"]) await eventually(() => exists(file.path + isThere), isThere);
    positions.push(...await append(journal, "alexander"));
    assertEquals([journal.health, file.health], ["ok", []]);
    const again = await file.open();
    assertEquals(await read(again, "alexander", start), { positions, complete: true });
  });
}

Deno.test("SqliteJournal continues when its file was moved away and is put back", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const positions = await append(journal, "alexander");
  await Deno.rename(file.path, `${file.path}.old`);
  await eventually(() => journal.health === "lost");
  await assertRejects(() => append(journal, "alexander"), UnavailableError);
  await Deno.rename(`${file.path}.old`, file.path);
  await eventually(() => journal.health !== "lost");
  await eventually(() =>
    append(journal, "alexander").then((more) => positions.push(...more) > 0, () => false)
  );
  assertEquals(await read(await file.open(), "alexander", start), { positions, complete: true });
});

for (const kind of ["symbolic", "hard"] as const) {
  Deno.test(`SqliteJournal refuses a file that is open already, also through a ${kind} link`, async () => {
    await using file = new TestFile();
    await file.open();
    const link = `${file.folder}/link.db`;
    if (kind === "hard") Deno.linkSync(file.path, link);
    else Deno.symlinkSync(file.path, link);
    await assertRejects(() => file.openAt(link), CannotOpenError, "another process has it open");
  });
}

Deno.test("SqliteJournal watches the file that a symbolic link leads to", async () => {
  await using file = new TestFile();
  Deno.mkdirSync(`${file.folder}/elsewhere`);
  Deno.symlinkSync(`${file.folder}/elsewhere/real.db`, file.path);
  const journal = await file.open();
  await append(journal, "alexander");
  assert(exists(`${file.folder}/elsewhere/real.db-wal`));
  assertEquals(journal.health, "ok");
  Deno.removeSync(`${file.folder}/elsewhere/real.db`);
  await eventually(() => journal.health === "lost");
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function moveFolder(folder: string): void {
  Deno.renameSync(folder, `${folder}.old`);
  Deno.mkdirSync(folder); // a volume that is mounted anew is empty
}

async function timePasses({ folder }: TestFile): Promise<void> {
  const now = () => {
    Deno.writeTextFileSync(`${folder}/now`, "");
    return Deno.statSync(`${folder}/now`).mtime?.getTime() ?? 0;
  };
  const before = now();
  await eventually(() => now() > before + 1);
}
