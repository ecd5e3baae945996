/** The connection to the database of a SQLite journal, which is opened anew when the files beside it have changed. */

import type { DatabaseSync } from "node:sqlite";
import { FileGuard } from "./file_guard.ts";
import { openForReading, openForWriting } from "./open.ts";
import { rebuild } from "./rebuild.ts";
import { CannotOpenError } from "./schema.ts";

export class JournalDatabase {
  readonly #guard: FileGuard;
  readonly #onOpen: (database: DatabaseSync) => void;
  #database: DatabaseSync;
  #unwritable: string | null = null;
  /** True if parts of the file could not be read when it was opened. */
  readonly isIncomplete: boolean = false;

  /**
   * Locks the file and opens it for writing or, if that fails, at least for reading.
   *
   * @param onOpen called with each further connection
   * @throws {CannotOpenError}, and the errors of the file system and of SQLite
   */
  constructor(path: string, onOpen: (database: DatabaseSync) => void) {
    this.#onOpen = onOpen;
    this.#guard = new FileGuard(path);
    try {
      const { database, isIncomplete } = openForWriting(this.#guard);
      this.#database = database;
      this.isIncomplete = isIncomplete;
    } catch (error) {
      try {
        if (error instanceof CannotOpenError) throw error;
        this.#database = openForReading(this.#guard);
        this.#unwritable = messageOf(error);
      } catch {
        this.#guard.release();
        throw error;
      }
    }
  }

  get current(): DatabaseSync {
    return this.#database;
  }

  /** Why the file is open only for reading; null: it is open for writing. */
  get unwritable(): string | null {
    return this.#unwritable;
  }

  /** The path of the file itself, without symbolic links. */
  get path(): string {
    return this.#guard.path;
  }

  /** Runs everything, or nothing if it throws. */
  transact(run: () => void): void {
    const database = this.#database;
    database.exec("BEGIN IMMEDIATE");
    try {
      run();
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK"); // after some errors, SQLite has rolled back by itself
      throw error;
    }
  }

  /** Opens the file for writing if it is open only for reading. */
  openForWriting(): void {
    if (this.#unwritable === null) return;
    const { database } = openForWriting(this.#guard);
    this.#database.close();
    this.#unwritable = null;
    this.#use(database);
  }

  /** From now on, `check` notices when something else than SQLite changes the files. */
  watch(): void {
    this.#guard.watch(this.#database);
  }

  /** Returns why the file is not what it was, so that nothing that is accepted would be kept; null: it is. */
  check(): string | null {
    const finding = this.#database.isOpen ? this.#guard.inspect(this.#database) : undefined;
    if (finding?.kind === "lost") return finding.reason;
    if (finding?.kind === "detached" || !this.#database.isOpen) this.#reattach();
    return null;
  }

  /** Moves what is in `-wal` to the database, and empties it. Returns false if somebody is reading from it. */
  moveWal(): boolean {
    return this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  }

  /** Replaces the damaged file by a new one with what can be read of it. */
  rebuild(): void {
    rebuild(this.#database, this.#guard);
    this.#use(openForWriting(this.#guard).database);
  }

  /** A file that is not what it was stays as it is, because SQLite would write to it when it closes it. */
  close(): void {
    try {
      if (this.check() === null) this.#database.close();
    } finally {
      this.#guard.release();
    }
  }

  /** SQLite holds on to a `-wal` that was deleted. This moves its content to the database, and begins a new one. */
  #reattach(): void {
    if (this.#database.isOpen) {
      if (!this.moveWal()) throw new Error("its -wal or -shm was deleted, and another program is reading it");
      this.#database.close();
    }
    this.#use(openForWriting(this.#guard).database);
    this.watch();
  }

  #use(database: DatabaseSync): void {
    this.#database = database;
    this.#onOpen(database);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
