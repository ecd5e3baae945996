/** A run of the SQLite journal: from one opening of its file to the next. */

import type { DatabaseSync } from "node:sqlite";
import { newEpoch } from "../../wire/position.ts";
import type { Gap } from "../index/sequencer.ts";

/** Up to where a target (null: everyone) had too many entries, and lost some. */
export interface Loss {
  readonly target: string | null;
  readonly sequence: number;
}

/** What the file says of itself when it is opened. */
export interface OpenedFile {
  readonly epoch: string;
  /** The number of the newest entry, and of the next. */
  readonly head: number;
  readonly start: number;
  readonly gaps: readonly Gap[];
  /** Up to where any target may have lost entries. */
  readonly completeAfter: number;
  readonly losses: readonly Loss[];
}

/** In the column of a loss's target: has no name, and no target is empty. */
export const EVERYONE = "";

const SKIPPED = 2 ** 20; // more than a power cut can take back

/**
 * Begins a run. Its numbers leave a gap: a power cut may have taken back some that the last run had given out, and
 * who holds such a position has not read what this run puts there.
 */
export function startRun(database: DatabaseSync): OpenedFile {
  database.exec("BEGIN IMMEDIATE");
  database.prepare("INSERT OR IGNORE INTO journal VALUES (1, ?, 0, 0)").run(newEpoch());
  const journal = database.prepare("SELECT * FROM journal").get();
  const newest = database.prepare("SELECT max(sequence) AS sequence FROM entries").get();
  const head = Math.max(Number(journal?.head), Number(newest?.sequence)); // the former is only kept if it is larger
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
