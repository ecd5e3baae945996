/** TextReader: what it reads beside the worker that writes, and what it leaves to the worker. */

import { assertEquals } from "@std/assert";
import { parseEntryId } from "../../../src/journal/entry_text.ts";
import { TextReader } from "../../../src/journal/sqlite/text_reader.ts";
import { eventually } from "../../eventually.ts";
import { ALL, append, draft, headOf, read, TestFile } from "./test_file.ts";

const BYTES = { bytes: 1_000 };

/** The sequence numbers of all entries in the file. */
function sequencesIn(file: TestFile): number[] {
  return file.sql("SELECT sequence FROM entries ORDER BY sequence").map(({ sequence }) => Number(sequence));
}

/** A reader for which no time passes. */
function readerOf({ path }: TestFile): TextReader {
  return new TextReader(path, () => 0);
}

Deno.test("TextReader reads what the worker has written, as soon as it is written", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const reader = readerOf(file);
  for (let n = 0; n < 5; n++) {
    const one = draft("alexander");
    await journal.append([one]);
    const texts = reader.read(sequencesIn(file).slice(-1), BYTES);
    assertEquals(texts.map(parseEntryId), [one.id]);
  }
  reader.close();
});

Deno.test("TextReader leaves to the worker what is missing, damaged, too much, or cannot be opened", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  await append(journal, ...Array(65).fill("alexander"));
  const reader = readerOf(file), sequences = sequencesIn(file);
  assertEquals(reader.read(sequences.slice(1), BYTES).length, 64);
  assertEquals(reader.read(sequences, BYTES), []);
  assertEquals(reader.read(sequences.slice(1), { bytes: 1024 * 1024 }), []);
  assertEquals(reader.read([...sequences.slice(0, 2), 1, ...sequences.slice(2, 4)], BYTES).length, 2);
  file.sql(`UPDATE entries SET text = 'x' WHERE sequence = ${sequences[3]}`);
  assertEquals(reader.read(sequences.slice(0, 10), BYTES).length, 3);
  assertEquals(reader.read(sequences.slice(4, 10), BYTES).length, 6);
  reader.close();
  assertEquals(new TextReader(`${file.folder}/none`).read(sequences.slice(1, 2), BYTES), []);
});

Deno.test("TextReader leaves to the worker what it would read after half a millisecond, because the disk is slow", async () => {
  await using file = new TestFile();
  const positions = await append(await file.open(), ...Array(10).fill("alexander"));
  const sequences = sequencesIn(file);
  let now = 0;
  const reader = new TextReader(file.path, () => now += 0.125); // once before the first, and once after each
  const texts = reader.read(sequences, BYTES);
  assertEquals(texts.map((text) => JSON.parse(text).position), positions.slice(0, 4));
  reader.close();
});

Deno.test("TextReader leaves no transaction behind, so that the -wal can begin anew", async () => {
  await using file = new TestFile();
  await append(await file.open(), ...Array(10).fill("alexander"));
  const reader = readerOf(file), sequences = sequencesIn(file);
  for (const some of [sequences, [...sequences, 1]]) {
    reader.read(some, BYTES);
    assertEquals(file.sql("PRAGMA wal_checkpoint(TRUNCATE)")[0]?.busy, 0);
  }
  reader.close();
});

Deno.test("SqliteJournal completes a page whose middle the worker has to read", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const positions = await append(journal, ...Array(10).fill("alexander"));
  file.sql(`UPDATE entries SET text = 'x' WHERE sequence = ${sequencesIn(file)[4]}`);
  const { unread, entries } = await journal.inbox("alexander", null, ALL);
  const sound = positions.toSpliced(4, 1);
  assertEquals([unread, entries.map(({ position }) => position)], [9, sound.toReversed()]);
  assertEquals(await read(journal, "alexander", start), { positions: sound, complete: false });
  assertEquals(file.damaged, 1);
});

Deno.test("TextReader reads nothing while it pauses, and reads again afterwards", async () => {
  await using file = new TestFile();
  await append(await file.open(), "alexander");
  const reader = readerOf(file), sequences = sequencesIn(file);
  assertEquals(reader.read(sequences, BYTES).length, 1);
  await reader.pauseFor(() => Promise.resolve(assertEquals(reader.read(sequences, BYTES), [])));
  assertEquals(reader.read(sequences, BYTES).length, 1);
  reader.close();
});

Deno.test("SqliteJournal is read while it waits for the file, which another program has locked", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const [position] = await append(journal, "alexander");
  await file.readBesideWorker(journal, async () => {
    assertEquals((await read(journal, "alexander", start)).positions, [position]);
    assertEquals((await journal.inbox("alexander", null, ALL)).entries.length, 1);
  });
});

Deno.test("SqliteJournal opens a -wal and a -shm anew that were deleted while it was read", async () => {
  await using file = new TestFile();
  const journal = await file.open();
  const start = await headOf(journal);
  const positions = await append(journal, "alexander");
  assertEquals((await read(journal, "alexander", start)).positions, positions);
  for (const suffix of ["-wal", "-shm"]) await Deno.remove(file.path + suffix);
  const exists = (suffix: string) => Deno.stat(file.path + suffix).then(() => true, () => false);
  await eventually(async () => {
    positions.push(...await append(journal, "alexander"));
    assertEquals(await read(journal, "alexander", start), { positions, complete: true });
    return await exists("-wal") && await exists("-shm");
  });
  const copy = `${file.folder}/copy`;
  await file.copyTo(copy);
  const copied = await file.openAt(copy);
  assertEquals(await read(copied, "alexander", start), { positions, complete: true });
  await copied.close();
});
