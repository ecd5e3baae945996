/** BesideRows: presence in the file of a SQLite journal fulfils the contracts, and survives what the file survives. */

import { assert, assertEquals } from "@std/assert";
import { withNode } from "../../../src/presence/presence_record.ts";
import { StoredLastSeen } from "../../../src/presence/stored_last_seen.ts";
import { StoredPresence } from "../../../src/presence/stored_presence.ts";
import { lastSeenContract, NOW } from "../../contracts/last_seen.ts";
import { allOf, MOMENT, presenceRecordsContract, recordOf } from "../../contracts/presence_records.ts";
import { append, TestFile } from "./test_file.ts";

const OPTIONS = { maxBytes: 1024 * 1024 };
const LAST_SEEN = { ...OPTIONS, keptMs: 3_600_000, now: () => NOW };

async function openRecords(file: TestFile, options = OPTIONS): Promise<StoredPresence> {
  return await StoredPresence.open((await file.open()).valueRows.presence, options);
}

presenceRecordsContract("StoredPresence in a SQLite file", async (options) => {
  const file = new TestFile(), records = await openRecords(file, options);
  const close = () => records.close().then(() => file[Symbol.asyncDispose]());
  return { records, [Symbol.asyncDispose]: close };
});

lastSeenContract("StoredLastSeen in a SQLite file", async (options) => {
  const file = new TestFile(), { valueRows } = await file.open();
  const lastSeen = await StoredLastSeen.open(valueRows.lastSeen, options);
  const close = () => lastSeen.close().then(() => file[Symbol.asyncDispose]());
  return { lastSeen, [Symbol.asyncDispose]: close };
});

Deno.test("StoredPresence in a SQLite file has a changed record when the process is killed", async () => {
  await using file = new TestFile();
  const records = await openRecords(file), path = `${file.folder}/killed.db`;
  for (const target of ["alexander", "eliza"]) {
    await records.change(target, (record) => withNode(record, MOMENT));
    await records.change(target, (record) => withNode(record, { ...MOMENT, node: "n2" }));
  }
  const before = await allOf(records);
  await file.copyAsKilledTo(path);
  const journal = await file.openAt(path),
    again = await StoredPresence.open(journal.valueRows.presence, OPTIONS);
  assertEquals(await allOf(again), before);
  assertEquals(Object.keys(before.eliza?.nodes ?? {}), ["n1", "n2"]);
  await again.close();
  await journal.close();
  await records.close();
});

Deno.test("StoredPresence in a SQLite file skips damaged rows, and those of another version, and removes them", async () => {
  await using file = new TestFile();
  let records = await openRecords(file);
  for (const target of ["a", "b", "c"]) await records.change(target, (record) => withNode(record, MOMENT));
  await records.close();
  await file.close();
  file.sql("UPDATE presence SET target = 'burr' WHERE sequence = 1");
  records = await openRecords(file);
  assertEquals(file.damaged, 1);
  assertEquals(Object.keys(await allOf(records)), ["b", "c"]);
  await records.close();
  const { valueRows } = await file.open();
  await valueRows.presence.write({
    put: [{ sequence: 2, target: "b", value: '{"of":"later"}' }],
    removed: [],
  });
  records = await StoredPresence.open(valueRows.presence, OPTIONS);
  assertEquals(Object.keys(await allOf(records)), ["c"]);
  await records.change("d", (record) => withNode(record, MOMENT));
  await records.close();
  await file.close();
  assertEquals(file.count("presence"), 2);
});

Deno.test("StoredPresence in a SQLite file records a change when the file can be written again", async () => {
  await using file = new TestFile();
  const journal = await file.open(), records = await StoredPresence.open(journal.valueRows.presence, OPTIONS);
  await records.change("alexander", (record) => withNode(record, MOMENT));
  const { presence } = journal.valueRows, write = presence.write.bind(presence);
  let failures = 0;
  presence.write = () => Promise.reject(new Error(`failure ${++failures}`));
  const changing = records.change("eliza", (record) => withNode(record, MOMENT));
  assertEquals(failures, 1);
  presence.write = write;
  assertEquals((await changing).teller, "n1");
  assertEquals((await recordOf(records, "eliza")).teller, "n1");
  await records.close();
  await file.close();
  assertEquals(file.count("presence"), 2);
});

Deno.test("StoredLastSeen in a SQLite file knows after a restart what was seen, and which was the longest ago", async () => {
  await using file = new TestFile();
  let lastSeen = await StoredLastSeen.open((await file.open()).valueRows.lastSeen, LAST_SEEN);
  for (const [target, at] of [["a", 1], ["b", 2], ["a", 3], ["c", 4]] as const) {
    lastSeen.saw(target, NOW + at);
  }
  await lastSeen.close();
  lastSeen = await StoredLastSeen.open((await file.open()).valueRows.lastSeen, LAST_SEEN);
  assertEquals(await Promise.all(["a", "b", "c"].map((one) => lastSeen.of(one))), [
    NOW + 3,
    NOW + 2,
    NOW + 4,
  ]);
  await lastSeen.close();
  const room = { ...LAST_SEEN, maxBytes: 600 }; // for two
  lastSeen = await StoredLastSeen.open((await file.open()).valueRows.lastSeen, room);
  assertEquals(await Promise.all(["a", "b", "c"].map((one) => lastSeen.of(one))), [NOW + 3, null, NOW + 4]);
  await lastSeen.forget("c");
  await lastSeen.close();
  await file.close();
  assertEquals(file.count("last_seen"), 1);
});

Deno.test("BesideRows leave the journal's own entries alone", async () => {
  await using file = new TestFile();
  const journal = await file.open(), records = await StoredPresence.open(journal.valueRows.presence, OPTIONS);
  await append(journal, "before");
  await records.change("alexander", (record) => withNode(record, MOMENT));
  await append(journal, "after");
  await records.close();
  await file.close();
  assert(file.count("entries") === 2 && file.count("presence") === 1);
});
