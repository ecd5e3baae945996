/** backUp: one snapshot in many steps, whatever is written between them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { backUp, type BackupProgress } from "../../../src/journal/sqlite/backup.ts";
import { isInUse } from "../../../src/journal/sqlite/in_use.ts";
import { CannotOpenError } from "../../../src/journal/sqlite/schema.ts";
import { append, draft, TestFile } from "./test_file.ts";

/** The texts of 200 entries take more than one step. */
const LARGE = { data: JSON.stringify("x".repeat(20_000)) };

Deno.test("backUp copies one snapshot, and does not begin anew when the journal is written between two steps", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  await journal.append(Array.from({ length: 200 }, () => draft("alexander", LARGE)));
  using other = new DatabaseSync(file.path);
  const steps: BackupProgress[] = [];
  const facts = await backUp(file.path, `${file.folder}/copy`, {
    onProgress(progress) {
      steps.push(progress);
      if (steps.length <= 3) {
        other.exec("DELETE FROM entries WHERE sequence = (SELECT max(sequence) FROM entries)");
      }
    },
  });
  assertEquals(facts.entries, 200);
  assertEquals(file.count("entries"), 197);
  const pages = steps.map(({ copiedPages }) => copiedPages);
  assert(pages.length >= 3, pages.join());
  assertEquals(pages, [...new Set(pages)].toSorted((a, b) => a - b)); // each step continues where the last one ended
  assertEquals(new Set(steps.map(({ totalPages }) => totalPages)).size, 1);
});

Deno.test("backUp leaves no copy if there is no journal, or if it is none", async () => {
  await using file = new TestFile();
  const copy = `${file.folder}/copy`;
  await assertRejects(() => backUp(file.path, copy), Deno.errors.NotFound);
  await Deno.writeTextFile(file.path, "x".repeat(10_000));
  await assertRejects(() => backUp(file.path, copy), CannotOpenError, "file is not a database");
  assertEquals(Array.from(Deno.readDirSync(file.folder), ({ name }) => name), ["j.db"]);
});

Deno.test("isInUse is true while a journal has the file open, and leaves it as it is", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  assertEquals([isInUse(file.path), isInUse(file.path)], [true, true]);
  await append(journal, "alexander");
  await file.close();
  assertEquals(isInUse(file.path), false);
  await (await file.open()).close();
});
