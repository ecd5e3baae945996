/** A SQLite journal's file that is put back, copied or moved: no position of another run is taken for one of its own. */

import { assert, assertEquals } from "@std/assert";
import { SqliteFile } from "../../../src/journal/sqlite/file.ts";
import { backUp } from "../../../src/journal/sqlite/backup.ts";
import { restore } from "../../../src/journal/sqlite/restore.ts";
import { OLDEST } from "../../../src/wire/position.ts";
import { ALL, append, headOf, read, TestFile } from "./test_file.ts";

Deno.test("SqliteJournal recognises no position from after the backup that it was restored from", async () => {
  await using file = new TestFile();
  const [before] = await append(await file.open(), "alexander");
  await file.close();
  await file.copyTo(`${file.folder}/backup`);
  const lost = await append(await file.open(), ...Array(1_000).fill("alexander"));
  await file.close();
  await file.replaceBy(`${file.folder}/backup`);
  const journal = await file.open();
  const [fresh] = await append(journal, "alexander");
  for (const position of [lost.at(0), lost.at(500), lost.at(-1)]) {
    assertEquals(await read(journal, "alexander", position ?? ""), {
      positions: [before, fresh],
      complete: false,
    });
  }
  assertEquals(await read(journal, "alexander", before ?? ""), { positions: [fresh], complete: true });
});

Deno.test("SqliteJournal says that something may be missing to whoever resumes from before a backup was restored", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const [first, last] = await append(journal, "alexander", "alexander");
  await backUp(file.path, `${file.folder}/backup`);
  await append(journal, "alexander"); // it is lost
  await file.close();
  await restore(file.path, (await Deno.open(`${file.folder}/backup`)).readable);
  let restored = await file.open();
  const head = await headOf(restored); // of a tab that comes now
  for (let run = 0; run < 2; run++) {
    const readAfter = (position = "") => read(restored, "alexander", position);
    assertEquals(await readAfter(first), { positions: [last], complete: false });
    assertEquals(await readAfter(last), { positions: [], complete: false });
    assertEquals(await readAfter(head), { positions: [], complete: true });
    await file.close();
    restored = await file.open(); // it still knows
  }
  const [fresh] = await append(restored, "alexander");
  assertEquals(await read(restored, "alexander", head), { positions: [fresh], complete: true });
  assertEquals(file.damaged, 0);
  const one = { ...ALL, entries: 1 };
  const pages = [
    await restored.read("alexander", OLDEST, one),
    await restored.read("alexander", first ?? "", one),
  ];
  assertEquals(pages.map(({ complete }) => complete), [false, false]);
  assertEquals(pages[0]?.lossThrough, pages[1]?.lossThrough, "so it is reported once");
});

Deno.test("SqliteJournal recognises no position of another copy of its file, also of one that is still in use", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const [shared] = await append(journal, "alexander");
  const path = `${file.folder}/copy`;
  await file.copyTo(path); // while it is open, with its -wal
  const copy = await file.openAt(path);
  for (let round = 0; round < 3; round++) {
    const [here] = await append(journal, "alexander");
    const [there] = await append(copy, "alexander");
    assert(!(await read(journal, "alexander", there ?? "")).complete);
    assert(!(await read(copy, "alexander", here ?? "")).complete);
  }
  for (const one of [journal, copy]) assert((await read(one, "alexander", shared ?? "")).complete);
  await copy.close();
});

Deno.test("SqliteJournal continues where it was when its file was moved", async () => {
  await using file = new TestFile();
  const [first] = await append(await file.open(), "alexander");
  await file.close();
  await file.copyTo(`${file.folder}/moved`);
  const moved = await file.openAt(`${file.folder}/moved`);
  const [second] = await append(moved, "alexander");
  assertEquals(await read(moved, "alexander", first ?? ""), { positions: [second], complete: true });
  assertEquals(await headOf(moved), second);
  await moved.close();
});

Deno.test("SqliteFile begins runs at random distances, which become smaller as the numbers run out", async () => {
  await using file = new TestFile();
  const distances: number[] = [];
  let last = 0;
  for (let run = 0; run < 20; run++) {
    const opened = openAndClose(file.path);
    distances.push(opened - last);
    last = opened - 1;
  }
  assertEquals(new Set(distances).size, 20);
  assert(distances.every((distance) => distance > 2 ** 20 && distance < 2 ** 37));
  const nearlyAll = Number.MAX_SAFE_INTEGER - 2 ** 30;
  const before = Deno.makeTempFileSync({ dir: file.folder });
  Deno.removeSync(before);
  openAndClose(before, nearlyAll);
  const start = openAndClose(before);
  assert(start > nearlyAll && start < nearlyAll + 2 ** 21, `${start}`);
});

/** Returns the first number of a run. With `head`, the run also writes that number as its head. */
function openAndClose(path: string, head?: number): number {
  const file = new SqliteFile(path, { synchronous: "normal", freshEpoch: "epoch000" });
  const nothing = {
    entries: [],
    texts: [],
    marks: [],
    sentIds: [],
    changedIds: [],
    erasedTargets: [],
    forgottenIds: [],
    losses: [],
    newlyRead: [],
    completeAfter: 0,
  };
  if (head !== undefined) file.write({ ...nothing, head, evicted: [1] });
  file.close();
  return file.opened.start;
}
