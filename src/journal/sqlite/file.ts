/** The file of the SQLite journal: a log of rows in the order of their numbers. Synchronous: it lives in a worker. */

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EntryMeta } from "../index/target_log.ts";
import { EVERYONE, type Loss, type OpenedFile, startRun } from "./startup.ts";
import { CannotOpenError, migrate } from "./schema.ts";

/** `full` survives a power cut; `normal` may lose the last moments then, and nothing when the process is killed. */
export type Synchronous = "full" | "normal";

/** A draft that was sent under an id of the publisher's own choice. Times are milliseconds since 1970. */
export interface SentId {
  readonly sequence: number;
  readonly id: string;
  readonly target: string | null;
  readonly digest: string;
  readonly sentAt: number;
  readonly expiresAt: number;
}

/** What one transaction changes. */
export interface Write {
  /** The number of the newest entry. */
  readonly head: number;
  readonly kept: readonly EntryMeta[];
  /** Of the kept ones, in the same order. */
  readonly texts: readonly string[];
  readonly sentIds: readonly SentId[];
  /** Numbers of entries, and of sent ids, that are not kept any more. */
  readonly departed: readonly number[];
  readonly forgotten: readonly number[];
  /** Up to where any target may have lost entries. */
  readonly completeAfter: number;
  readonly losses: readonly Loss[];
}

const BUSY_MS = 50; // another program may be looking at the file

export class SqliteFile {
  readonly #lock: Deno.FsFile;
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  #completeAfter: number;
  /** What it held when it was opened. */
  readonly run: OpenedFile;

  /** @throws {CannotOpenError}, and what the file system or SQLite refuses with */
  constructor(path: string, synchronous: Synchronous) {
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#lock = locked(`${path}-lock`);
    try {
      this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
      migrate(this.#database);
      this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = full");
      this.run = startRun(this.#database);
      this.#completeAfter = this.run.completeAfter;
      this.#database.exec(`PRAGMA synchronous = ${synchronous}`);
      this.#statements = prepare(this.#database);
    } catch (error) {
      this.#lock.close();
      throw error;
    }
  }

  /** Entries without their texts, in order. */
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

  /** Sent ids, in the order of their drafts. */
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

  /** The texts of entries, which must all be there. */
  texts(sequences: readonly number[]): string[] {
    return sequences.map((sequence) => {
      const row = this.#statements.text.get(sequence);
      if (row === undefined) throw new Error(`entry ${sequence} is missing in the file`);
      return String(row.text);
    });
  }

  /** All of it, or, if it throws, nothing. */
  write(write: Write): void {
    const { begin, commit, rollback } = this.#statements;
    begin.run();
    try {
      this.#change(write);
      commit.run();
      this.#completeAfter = write.completeAfter;
    } catch (error) {
      if (this.#database.isTransaction) rollback.run(); // SQLite has done it itself after some errors
      throw error;
    }
  }

  close(): void {
    this.#database.close();
    this.#lock.close();
  }

  #change({ head, kept, texts, sentIds, departed, forgotten, completeAfter, losses }: Write): void {
    const { keep, remember, remove, forget, lose, move } = this.#statements;
    for (const [index, { sequence, target, topic, expiresAt, hasOwnTtl, bytes }] of kept.entries()) {
      keep.run(sequence, target, topic, expiresAt, Number(hasOwnTtl), bytes, texts[index] ?? "");
    }
    for (const { sequence, id, target, digest, sentAt, expiresAt } of sentIds) {
      remember.run(sequence, id, target, digest, sentAt, expiresAt);
    }
    for (const sequence of departed) remove.run(sequence);
    for (const sequence of forgotten) forget.run(sequence);
    for (const { target, sequence } of losses) lose.run(target ?? EVERYONE, sequence);
    const says = head === kept.at(-1)?.sequence && departed.length === 0 &&
      completeAfter === this.#completeAfter;
    if (!says) move.run(head, completeAfter); // else the newest entry says it, which saves a page
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
    keep: database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)"),
    remember: database.prepare("INSERT INTO sent_ids VALUES (?, ?, ?, ?, ?, ?)"),
    remove: database.prepare("DELETE FROM entries WHERE sequence = ?"),
    forget: database.prepare("DELETE FROM sent_ids WHERE sequence = ?"),
    lose: database.prepare("INSERT OR REPLACE INTO losses VALUES (?, ?)"),
    move: database.prepare("UPDATE journal SET head = ?, lost_through = ?"),
  };
}

/** One process at a time. The system lets go of the lock when the process ends, however it ends. */
function locked(path: string): Deno.FsFile {
  const file = Deno.openSync(path, { create: true, write: true });
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new CannotOpenError("another process has it open");
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
