/** Benchmarks of the journals: in memory and in a file, and the cost of an index in the file. */

import { DatabaseSync } from "node:sqlite";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { SqliteJournal } from "../../src/journal/sqlite/sqlite_journal.ts";
import { drafts } from "./node.ts";

const FEED = { offer: () => true, gap: () => {} };
const RETENTION = { seconds: 3_600, perTarget: 1_000_000, bytes: 2 ** 40 };
const folder = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const hundred = Array.from({ length: 100 }, (_, n) => drafts(`target-${n}`, 1)).flat();
const memory = new MemoryJournal(FEED, { ...RETENTION, perTarget: 1_000 });

function sqlite(name: string, synchronous: "full" | "normal"): Promise<SqliteJournal> {
  return SqliteJournal.open(`${folder}/${name}.db`, FEED, {
    retention: RETENTION,
    synchronous,
    onFailure: console.error,
  });
}

Deno.bench("append 100, in memory", { group: "journal", baseline: true }, async () => {
  await memory.append(hundred);
});

for (const synchronous of ["normal", "full"] as const) {
  const journal = await sqlite(synchronous, synchronous);
  Deno.bench(`append 100, in a file, synchronous=${synchronous}`, { group: "journal" }, async () => {
    await journal.append(hundred);
  });
}

const large = await sqlite("large", "normal");
for (let n = 0; n < 10; n++) await large.append(drafts("alexander", 10_000));
await large.close();

Deno.bench("open a file with 100,000 entries", { group: "start", n: 5, warmup: 1 }, async () => {
  const journal = await sqlite("large", "normal");
  await journal.close();
});

/**
 * Creates a table like that of the journal, and returns a function that inserts 100 rows in a transaction.
 */
function table(name: string, index: string): () => void {
  const database = new DatabaseSync(`${folder}/${name}.db`);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = normal");
  database.exec("CREATE TABLE entries (sequence INTEGER PRIMARY KEY, target TEXT, text TEXT) STRICT");
  database.exec(index);
  const insert = database.prepare("INSERT INTO entries (target, text) VALUES (?, ?)");
  const text = "x".repeat(250);
  let n = 0;
  return function insertHundred() {
    database.exec("BEGIN");
    for (let row = 0; row < 100; row++) insert.run(`target-${(n += 7_919) % 1_000}`, text);
    database.exec("COMMIT");
  };
}

const log = table("log", "");
const indexed = table("indexed", "CREATE INDEX by_target ON entries (target, sequence)");
// This gives both tables a realistic size.
for (let n = 0; n < 1_000; n++) for (const insert of [log, indexed]) insert();

Deno.bench("100 rows, without an index", { group: "rows", baseline: true }, log);
Deno.bench("100 rows, with an index by target", { group: "rows" }, indexed);
