/** FileHeader: what is known of a file without SQLite. */

import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { FileHeader } from "../../../src/journal/sqlite/file_header.ts";
import { migrate, MIGRATIONS } from "../../../src/journal/sqlite/schema.ts";
import { TestFile } from "./test_file.ts";

Deno.test("FileHeader recognises a journal, also one that is open", async () => {
  await using file = new TestFile();
  await file.open();
  assertEquals({ ...FileHeader.read(file.path) }, { problem: null, isOutdated: false });
  await file.close();
  assertEquals({ ...FileHeader.read(file.path) }, { problem: null, isOutdated: false });
});

Deno.test("FileHeader recognises a journal of an earlier version, and one of a later version", async () => {
  await using file = new TestFile();
  const database = new DatabaseSync(file.path);
  migrate(database, MIGRATIONS.slice(0, 2));
  assertEquals({ ...FileHeader.read(file.path) }, { problem: null, isOutdated: true });
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  assertEquals(FileHeader.read(file.path).problem, "it is from a later version of Tidings");
  database.close();
});

Deno.test("FileHeader recognises what is no journal", async () => {
  await using file = new TestFile();
  for (const text of ["", "SQLite format 3\0", "x".repeat(200)]) {
    await Deno.writeTextFile(file.path, text);
    assertEquals(FileHeader.read(file.path).problem, "the file is not a database");
  }
  await Deno.remove(file.path);
  file.sql("CREATE TABLE other (one INTEGER)");
  assertEquals(FileHeader.read(file.path).problem, "it is a database of another program");
});
