/** The memory journal fulfils the contract, and knows only its own positions. */

import { assertEquals } from "@std/assert";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { journalContract } from "../contracts/journal.ts";
import type { CreateJournal } from "../contracts/journal_tests.ts";
import { marksContract } from "../contracts/marks.ts";

const create: CreateJournal = (feed, retention, now) =>
  Promise.resolve(new MemoryJournal(feed, retention, now));

journalContract("MemoryJournal", create);
marksContract("MemoryJournal", create);

Deno.test("MemoryJournal does not recognise the positions of another MemoryJournal", async () => {
  const retention = { seconds: 60, perTarget: 10, bytes: 1024 * 1024 };
  const feed = { offer: () => true, gap: () => {} };
  const [first, second] = [new MemoryJournal(feed, retention), new MemoryJournal(feed, retention)];
  const { next } = await first.read("alexander", null, { entries: 0, bytes: 0 });
  assertEquals((await second.read("alexander", next, { entries: 1, bytes: 1 })).complete, false);
});
