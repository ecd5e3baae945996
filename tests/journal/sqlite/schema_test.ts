/** migrate brings files of older versions up to date, and SqliteFile leaves foreign files alone. */

import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SqliteFile } from "../../../src/journal/sqlite/file.ts";
import { CannotOpenError, migrate, MIGRATIONS, NUMBERED_TABLES } from "../../../src/journal/sqlite/schema.ts";

/** Runs a test with the path of a file that does not exist yet. */
async function withPath(run: (path: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(`${folder}/j.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function openFile(path: string): SqliteFile {
  return new SqliteFile(path, { synchronous: "full", freshEpoch: "epoch000" });
}

function tablesOf(database: DatabaseSync): string[] {
  return database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    .map(({ name }) => String(name));
}

Deno.test("migrate brings a file of any version up to date", () => {
  for (let from = 0; from <= 2; from++) {
    using database = new DatabaseSync(":memory:");
    const migrations = ["CREATE TABLE a (x) STRICT".replace("x", "x INTEGER"), "ALTER TABLE a ADD y INTEGER"];
    if (from > 0) migrate(database, migrations.slice(0, from));
    migrate(database, migrations);
    database.exec("INSERT INTO a (x, y) VALUES (1, 2)");
    assertEquals({ ...database.prepare("PRAGMA user_version").get() }, { user_version: 2 });
  }
});

Deno.test("NUMBERED_TABLES are all tables but those of the file's state, so a rebuilt file lacks none", () => {
  using database = new DatabaseSync(":memory:");
  migrate(database);
  assertEquals(tablesOf(database), [...NUMBERED_TABLES, "journal", "gaps", "losses"].toSorted());
});

Deno.test("migrate leaves a file unchanged if one of the migrations fails", () => {
  using database = new DatabaseSync(":memory:");
  migrate(database, ["CREATE TABLE a (x INTEGER) STRICT"]);
  assertThrows(() =>
    migrate(database, ["", "CREATE TABLE b (x INTEGER) STRICT", "CREATE TABLE a (x INTEGER) STRICT"])
  );
  assertEquals(tablesOf(database), ["a"]);
  assertEquals({ ...database.prepare("PRAGMA user_version").get() }, { user_version: 1 });
});

Deno.test("migrate refuses a file of a later version", () => {
  using database = new DatabaseSync(":memory:");
  migrate(database);
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  assertThrows(() => migrate(database), CannotOpenError, `it has version ${MIGRATIONS.length + 1}`);
});

Deno.test("SqliteFile refuses the database of another program, and changes nothing in it", () =>
  withPath((path) => {
    {
      using database = new DatabaseSync(path);
      database.exec("CREATE TABLE foreign_table (x INTEGER)");
    }
    const before = Deno.readFileSync(path);
    assertThrows(() => openFile(path), CannotOpenError, "it is a database of another program");
    assertEquals(Deno.readFileSync(path), before);
  }));

Deno.test("SqliteFile refuses a file that is not a database, and changes nothing in it", () =>
  withPath((path) => {
    Deno.writeTextFileSync(path, "Dear Sir, ".repeat(500));
    assertThrows(() => openFile(path), Error, "file is not a database");
    assertEquals(Deno.readTextFileSync(path), "Dear Sir, ".repeat(500));
  }));

Deno.test("SqliteFile can be opened after a failed attempt", () =>
  withPath((path) => {
    Deno.writeTextFileSync(path, "Dear Sir, ".repeat(500));
    assertThrows(() => openFile(path));
    Deno.removeSync(path);
    openFile(path).close();
  }));

Deno.test("SqliteFile starts each run after all numbers that an earlier run may have issued", () =>
  withPath((path) => {
    const starts: number[] = [];
    for (let run = 0; run < 3; run++) {
      const file = openFile(path);
      starts.push(file.opened.start);
      assertEquals(file.opened.head, 0);
      file.close();
    }
    assertEquals(starts, starts.toSorted((a, b) => a - b));
    assertEquals(new Set(starts).size, 3);
  }));
