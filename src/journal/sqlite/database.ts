/** The connection to the database of a SQLite journal, which is opened anew when the files beside it have changed. */

import type { DatabaseSync } from "node:sqlite";
import { FileGuard } from "./file_guard.ts";
import { closeForReading, openForReading, openForWriting } from "./open.ts";
import { compact, rebuild } from "./rebuild.ts";
import { messageOf } from "./error_message.ts";
import { CannotOpenError } from "./schema.ts";

const TRANSACTIONS_PER_LOOK = 8;

/** What was found when somebody looked at the file. */
export interface FileCheck {
  /** Why the file is not what it was, so that nothing that is accepted would be kept; null: it is. */
  readonly lost: string | null;
  /** True if the files beside the database were deleted, and have to be opened anew. */
  readonly isDetached: boolean;
}

export class JournalDatabase {
  readonly #guard: FileGuard;
  readonly #onOpen: (database: DatabaseSync) => void;
  #database: DatabaseSync;
  #unwritable: string | null = null;
  readonly #activity = { transactions: 0, disturbances: 0 };
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
    this.#activity.transactions++;
    try {
      database.exec("BEGIN IMMEDIATE");
      run();
      database.exec("COMMIT");
    } catch (error) {
      this.#activity.disturbances++;
      if (database.isTransaction) database.exec("ROLLBACK"); // after some errors, SQLite has rolled back by itself
      if (/readonly/.test(messageOf(error))) this.#unwritable = messageOf(error); // it has to be opened anew
      throw error;
    }
  }

  /** Opens the file for writing if it is open only for reading. */
  openForWriting(): void {
    if (this.#unwritable === null) return;
    this.#database.close(); // first, because SQLite shares `-shm` among connections, also if it cannot be written
    try {
      this.#use(openForWriting(this.#guard).database);
      this.#unwritable = null;
    } catch (error) {
      this.#use(openForReading(this.#guard));
      throw error;
    }
  }

  /** From now on, `check` notices when something else than SQLite changes the files. */
  watch(): void {
    this.#guard.watch(this.#database, this.#activity);
  }

  /** Opens the files beside the database anew if they were deleted. */
  check(): FileCheck {
    const { lost, isDetached } = this.look();
    if (isDetached) this.#reattach();
    return { lost, isDetached: false };
  }

  /** Returns what `check` finds, and changes nothing. */
  look(): FileCheck {
    const finding = this.#database.isOpen ? this.#guard.inspect(this.#database, this.#activity) : undefined;
    const isDetached = finding?.kind === "detached" || !this.#database.isOpen;
    return { lost: finding?.kind === "lost" ? finding.reason : null, isDetached };
  }

  /** Moves what is in `-wal` to the database, and empties it. Returns false if that is not possible now. */
  moveWal(): boolean {
    if (this.#unwritable !== null) return false;
    this.#activity.disturbances++;
    return this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  }

  /** True if `-wal` is larger than it should be, because the database cannot grow. Looks only now and then. */
  isWalStuck(): boolean {
    if (this.#activity.transactions % TRANSACTIONS_PER_LOOK !== 0) return false;
    const { log } = this.#database.prepare("PRAGMA wal_checkpoint(NOOP)").get() ?? {};
    const { wal_autocheckpoint } = this.#database.prepare("PRAGMA wal_autocheckpoint").get() ?? {};
    if (Number(log) <= Number(wal_autocheckpoint)) return false;
    try {
      this.#database.exec("PRAGMA wal_checkpoint"); // SQLite tries that by itself, but tells nobody if it fails
      return false;
    } catch {
      return true;
    }
  }

  /** Replaces the file by a smaller one, if more than half of it is free. */
  compact(): void {
    const pagesOf = (name: string) => Number(this.#database.prepare(`PRAGMA ${name}`).get()?.[name]);
    if (2 * pagesOf("freelist_count") <= pagesOf("page_count")) {
      throw new Error("there is no room on the disk");
    }
    this.rewrite();
  }

  /**
   * Replaces the file by one with the same rows, and nothing else: SQLite leaves what was deleted in free pages, and
   * copies of rows in pages that it has rearranged, also with `secure_delete`.
   *
   * @throws if there is no room for the new file; the database is then as it was
   */
  rewrite(): void {
    compact(this.#database, this.#guard);
    this.#use(openForWriting(this.#guard).database);
    this.watch();
  }

  /** Replaces the damaged file by a new one with what can be read of it. */
  rebuild(): void {
    rebuild(this.#database, this.#guard);
    this.#use(openForWriting(this.#guard).database);
  }

  /** A file that is not what it was stays as it is, because SQLite would write to it when it closes it. */
  close(): void {
    try {
      if (this.check().lost === null) closeForReading(this.#database);
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
