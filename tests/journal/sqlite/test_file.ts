/** A journal's file in a folder of its own, which tests open again and again and change from outside. */

import { assert } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { nextTurn } from "../../../src/async/next_turn.ts";
import type { Draft, Feed, Journal, Receipt } from "../../../src/journal/journal.ts";
import type { HealthState } from "../../../src/journal/sqlite/health.ts";
import type { NUMBERED_TABLES } from "../../../src/journal/sqlite/schema.ts";
import { SqliteJournal } from "../../../src/journal/sqlite/sqlite_journal.ts";
import { PLAIN_DRAFT } from "../plain_draft.ts";

export const RETENTION = { seconds: 3_600, perTarget: 1_000, bytes: 16 * 1024 * 1024 };
export const ALL = { entries: 10_000, bytes: 16 * 1024 * 1024 };
const FEED = { offer: () => true, gap: () => {} };

export class TestFile implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/j.db`;
  readonly clock = { now: Date.UTC(1804, 6, 11, 7) };
  /** The number of rows that journals found damaged. */
  damaged = 0;
  readonly health: HealthState[] = [];
  /** The feed of the journals that are opened from now on. */
  feed: Feed = FEED;
  #journal: SqliteJournal | undefined;

  /** Closes the journal that is open, and opens the file again. */
  async open(retention: Partial<typeof RETENTION> = {}): Promise<SqliteJournal> {
    await this.close();
    return this.#journal = await this.openAt(this.path, retention);
  }

  /** Opens another path beside the journal that is open. The caller has to close it. */
  openAt(path: string, retention: Partial<typeof RETENTION> = {}): Promise<SqliteJournal> {
    return SqliteJournal.open(path, this.feed, {
      retention: { ...RETENTION, ...retention },
      synchronous: "normal",
      onFailure(error) {
        throw error;
      },
      onHealthChange: (state) => this.health.push(state),
      onDamage: (rows) => this.damaged += rows,
      now: () => this.clock.now,
    });
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  /** Copies the file and, if it is open, its `-wal`, as a backup does. */
  copyTo(path: string): Promise<void> {
    return this.#copy(path, ["", "-wal"]);
  }

  /** Copies what a process that is killed leaves, if the file is open. */
  copyAsKilledTo(path: string): Promise<void> {
    return this.#copy(path, ["", "-wal", "-shm"]);
  }

  async #copy(path: string, suffixes: readonly string[]): Promise<void> {
    for (const suffix of suffixes) {
      await Deno.copyFile(this.path + suffix, path + suffix).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }

  /** Removes the file and what SQLite has beside it, and moves another one to its place. */
  async replaceBy(path: string): Promise<void> {
    for (const suffix of ["", "-wal", "-shm"]) {
      await Deno.remove(this.path + suffix).catch(() => {});
      await Deno.rename(path + suffix, this.path + suffix).catch(() => {});
    }
  }

  /** Runs SQL over a connection of its own. */
  sql(text: string): Record<string, unknown>[] {
    using database = new DatabaseSync(this.path);
    return database.prepare(text).all();
  }

  /** Resolves with what is read while the worker waits for the file. Fails if it was the worker that has read it. */
  async readBesideWorker<Result>(journal: Journal, read: () => Promise<Result>): Promise<Result> {
    using other = new DatabaseSync(this.path);
    other.exec("BEGIN IMMEDIATE");
    let isAppended = false;
    const appending = journal.append([draft("burr")]).catch(() => {}).then(() => isAppended = true);
    await nextTurn(); // then the worker is asked to write, and what it is asked later comes after that
    const result = await read();
    assert(!isAppended, "it waited for the worker");
    other.exec("ROLLBACK");
    await appending;
    return result;
  }

  count(table: (typeof NUMBERED_TABLES)[number]): number {
    return Number(this.sql(`SELECT count(*) AS n FROM ${table}`)[0]?.n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

let drafts = 0;

export function draft(target: string | null, more: Partial<Draft> = {}): Draft {
  const data = String(++drafts);
  return {
    id: `"${data}"`,
    target,
    data,
    ...PLAIN_DRAFT,
    ...more,
  };
}

export function positionOf(receipt: Receipt | undefined): string {
  if (receipt === undefined || receipt.outcome === "conflict") throw new Error("the draft was not accepted");
  return receipt.position;
}

export async function headOf(journal: Journal): Promise<string> {
  return (await journal.read("anyone", null, ALL)).next;
}

/** Appends drafts for these targets, and returns their positions. */
export async function append(journal: Journal, ...targets: readonly (string | null)[]): Promise<string[]> {
  return (await journal.append(targets.map((target) => draft(target)))).map(positionOf);
}

/** Reads the positions of a target's entries, and whether they are complete. */
export async function read(
  journal: Journal,
  target: string,
  after: string,
): Promise<{ positions: string[]; complete: boolean }> {
  const { entries, complete } = await journal.read(target, after, ALL);
  for (const { text } of entries) JSON.parse(text); // a frame that is not JSON would end the tab's connection
  return { positions: entries.map(({ position }) => position), complete };
}
