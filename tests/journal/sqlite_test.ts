/** The SQLite journal keeps the contract; and what is its own. */

import { SqliteJournal } from "../../src/journal/sqlite.ts";
import { journalContract } from "../contracts/journal.ts";

journalContract("SqliteJournal", async (feed, retention, now) => {
  const folder = await Deno.makeTempDir();
  const failed = (error: Error) => {
    throw error;
  };
  return await SqliteJournal.open(`${folder}/j.db`, feed, { retention, synchronous: "normal", failed, now });
});
