/** The file of the SQLite journal: a log of rows in the order of their numbers. Synchronous, so it runs in a worker. */

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EntryMeta } from "../index/target_log.ts";
import { EVERYONE, type Loss, type OpenedFile, startRun } from "./startup.ts";
import { CannotOpenError, migrate } from "./schema.ts";

/**
 * SQLite's `synchronous` setting: `full` survives a power cut. `normal` may lose the last moments in a power cut, but
 * nothing when the process is killed.
 */
export type Synchronous = "full" | "normal";

/** A draft whose id the publisher chose. Times are in milliseconds since 1970. */
export interface SentId {
  readonly sequence: number;
  readonly id: string;
  readonly target: string | null;
  readonly digest: string;
  readonly sentAt: number;
  readonly expiresAt: number;
}

/** The changes of one transaction. */
export interface FileWrite {
  /** The sequence number of the newest entry. */
  readonly head: number;
  /** The entries to insert. */
  readonly entries: readonly EntryMeta[];
  /** The texts of `entries`, in the same order. */
  readonly texts: readonly string[];
  readonly sentIds: readonly SentId[];
  /** The sequence numbers of entries to delete. */
  readonly evicted: readonly number[];
  /** The sequence numbers of sent ids to delete. */
  readonly forgottenIds: readonly number[];
  /** Any target may have lost entries up to this sequence number. */
  readonly completeAfter: number;
  readonly losses: readonly Loss[];
}

const BUSY_MS = 50; // another program may be reading the file

export class SqliteFile {
  readonly #lock: Deno.FsFile;
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  #completeAfter: number;
  /** The state of the file when it was opened. */
  readonly opened: OpenedFile;

  /** @throws {CannotOpenError}, and the errors of the file system and of SQLite */
  constructor(path: string, synchronous: Synchronous) {
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#lock = lock(`${path}-lock`);
    try {
      this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
      migrate(this.#database);
      this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = full");
      this.opened = startRun(this.#database);
      this.#completeAfter = this.opened.completeAfter;
      this.#database.exec(`PRAGMA synchronous = ${synchronous}`);
      this.#statements = prepare(this.#database);
    } catch (error) {
      this.#lock.close();
      throw error;
    }
  }

  /** Returns up to `max` entries after a sequence number, in order and without their texts. */
  entriesAfter(sequence: number, max: number): EntryMeta[] {
    return this.#statements.entriesAfter.all(sequence, max).map((row) => ({
      sequence: Number(row.sequence),
      target: textOrNull(row.target),
      topic: textOrNull(row.topic),
      expiresAt: Number(row.expires_at),
      hasOwnTtl: row.is_brief === 1,
      bytes: Number(row.bytes),
    }));
  }

  /** Returns up to `max` sent ids whose drafts come after a sequence number, in order. */
  sentIdsAfter(sequence: number, max: number): SentId[] {
    return this.#statements.sentIdsAfter.all(sequence, max).map((row) => ({
      sequence: Number(row.sequence),
      id: String(row.id),
      target: textOrNull(row.target),
      digest: String(row.digest),
      sentAt: Number(row.sent_at),
      expiresAt: Number(row.expires_at),
    }));
  }

  /** Returns the texts of entries. Throws if an entry is not in the file. */
  texts(sequences: readonly number[]): string[] {
    return sequences.map((sequence) => {
      const row = this.#statements.text.get(sequence);
      if (row === undefined) throw new Error(`entry ${sequence} is missing in the file`);
      return String(row.text);
    });
  }

  /** Writes everything, or nothing if it throws. */
  write(write: FileWrite): void {
    const { begin, commit, rollback } = this.#statements;
    begin.run();
    try {
      this.#apply(write);
      commit.run();
      this.#completeAfter = write.completeAfter;
    } catch (error) {
      if (this.#database.isTransaction) rollback.run(); // after some errors, SQLite has rolled back by itself
      throw error;
    }
  }

  close(): void {
    this.#database.close();
    this.#lock.close();
  }

  #apply({ head, entries, texts, sentIds, evicted, forgottenIds, completeAfter, losses }: FileWrite): void {
    const { insertEntry, insertId, deleteEntry, deleteId, setLoss, setState } = this.#statements;
    for (const [index, { sequence, target, topic, expiresAt, hasOwnTtl, bytes }] of entries.entries()) {
      insertEntry.run(sequence, target, topic, expiresAt, Number(hasOwnTtl), bytes, texts[index] ?? "");
    }
    for (const { sequence, id, target, digest, sentAt, expiresAt } of sentIds) {
      insertId.run(sequence, id, target, digest, sentAt, expiresAt);
    }
    for (const sequence of evicted) deleteEntry.run(sequence);
    for (const sequence of forgottenIds) deleteId.run(sequence);
    for (const { target, sequence } of losses) setLoss.run(target ?? EVERYONE, sequence);
    // The newest entry itself tells the head, as long as none is deleted. Leaving the state as it was saves a page.
    const isStateCurrent = head === entries.at(-1)?.sequence && evicted.length === 0 &&
      completeAfter === this.#completeAfter;
    if (!isStateCurrent) setState.run(head, completeAfter);
  }
}

function prepare(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    entriesAfter: database.prepare(
      `SELECT sequence, target, topic, expires_at, is_brief, bytes FROM entries
       WHERE sequence > ? ORDER BY sequence LIMIT ?`,
    ),
    sentIdsAfter: database.prepare("SELECT * FROM sent_ids WHERE sequence > ? ORDER BY sequence LIMIT ?"),
    text: database.prepare("SELECT text FROM entries WHERE sequence = ?"),
    insertEntry: database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)"),
    insertId: database.prepare("INSERT INTO sent_ids VALUES (?, ?, ?, ?, ?, ?)"),
    deleteEntry: database.prepare("DELETE FROM entries WHERE sequence = ?"),
    deleteId: database.prepare("DELETE FROM sent_ids WHERE sequence = ?"),
    setLoss: database.prepare("INSERT OR REPLACE INTO losses VALUES (?, ?)"),
    setState: database.prepare("UPDATE journal SET head = ?, lost_through = ?"),
  };
}

/** Lets one process at a time use the file. The operating system releases the lock however the process ends. */
function lock(path: string): Deno.FsFile {
  const file = Deno.openSync(path, { create: true, write: true });
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new CannotOpenError("another process has it open");
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
