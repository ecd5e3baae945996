/** Startup of the SQLite journal: reads the state of its file, and chooses the sequence numbers of this run. */

import type { DatabaseSync } from "node:sqlite";
import { newEpoch } from "../../wire/position.ts";
import type { Gap } from "../index/sequencer.ts";

/** A target (null: everyone) had too many entries, and lost those up to this sequence number. */
export interface Loss {
  readonly target: string | null;
  readonly sequence: number;
}

/** The state of the file when it is opened. */
export interface OpenedFile {
  readonly epoch: string;
  /** The sequence number of the newest entry. */
  readonly head: number;
  /** The sequence number of the next entry. */
  readonly start: number;
  readonly gaps: readonly Gap[];
  /** Any target may have lost entries up to this sequence number. */
  readonly completeAfter: number;
  readonly losses: readonly Loss[];
}

/** Stands for everyone in the column of a loss's target, where no target is empty. */
export const EVERYONE = "";

const SKIPPED = 2 ** 20; // more sequence numbers than a power cut can take back

/**
 * Begins a run: the time from one opening of the file to the next. Its sequence numbers leave a gap after those of
 * the last run, because a power cut may have taken some of those back. A tab that holds such a position has not read
 * what this run stores, so the position must not be taken for one of this run.
 */
export function startRun(database: DatabaseSync): OpenedFile {
  database.exec("BEGIN IMMEDIATE");
  database.prepare("INSERT OR IGNORE INTO journal VALUES (1, ?, 0, 0)").run(newEpoch());
  const journal = database.prepare("SELECT * FROM journal").get();
  const newest = database.prepare("SELECT max(sequence) AS sequence FROM entries").get();
  const head = Math.max(Number(journal?.head), Number(newest?.sequence)); // the state is not written with every entry
  const completeAfter = Number(journal?.lost_through);
  const lastGap = database.prepare(`SELECT max("before") AS "before" FROM gaps`).get();
  const start = Math.max(head, Number(lastGap?.before)) + SKIPPED;
  database.prepare(`DELETE FROM gaps WHERE "before" <= ?`).run(completeAfter);
  database.prepare("DELETE FROM losses WHERE sequence <= ?").run(completeAfter);
  database.prepare("INSERT OR REPLACE INTO gaps VALUES (?, ?)").run(head, start - 1);
  const gaps = database.prepare("SELECT * FROM gaps").all();
  const losses = database.prepare("SELECT * FROM losses").all();
  database.exec("COMMIT");
  return {
    epoch: String(journal?.epoch),
    head,
    start,
    gaps: gaps.map(({ after, before }) => ({ after: Number(after), before: Number(before) })),
    completeAfter,
    losses: losses.map(({ target, sequence }) => ({
      target: target === EVERYONE ? null : String(target),
      sequence: Number(sequence),
    })),
  };
}
