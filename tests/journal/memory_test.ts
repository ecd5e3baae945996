/** The memory journal keeps the contract; and what is its own. */

import { assertEquals } from "@std/assert";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { journalContract } from "../contracts/journal.ts";

journalContract(
  "MemoryJournal",
  (feed, retention, now) => Promise.resolve(new MemoryJournal(feed, retention, now)),
);

Deno.test("MemoryJournal makes positions that another one does not take for its own", async () => {
  const retention = { seconds: 60, perTarget: 10, bytes: 1024 * 1024 };
  const feed = { offer: () => true, gap: () => {} };
  const [one, other] = [new MemoryJournal(feed, retention), new MemoryJournal(feed, retention)];
  const { next } = await one.read("alexander", null, { entries: 0, bytes: 0 });
  assertEquals((await other.read("alexander", next, { entries: 1, bytes: 1 })).complete, false);
});
