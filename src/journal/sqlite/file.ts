/** The file of the SQLite journal: a log of rows in the order of their numbers. Synchronous, so it runs in a worker. */

import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { EntryMeta } from "../index/target_log.ts";
import type { OpenedFile, Relief } from "./file_report.ts";
import type { ReadEntry } from "../read.ts";
import { messageOf } from "./error_message.ts";
import { type FileCheck, JournalDatabase } from "./database.ts";
import { isMalformedError } from "./rebuild.ts";
import { Spare } from "./spare.ts";
import { type FileState, readState, recordRun } from "./startup.ts";
import type { RowPage } from "./rows.ts";
import { type FileWrite, type SentId, Tables } from "./tables.ts";
import { TablesBeside } from "./tables_beside.ts";

/**
 * SQLite's `synchronous` setting: `full` survives a power cut. `normal` may lose the last moments in a power cut, but
 * nothing when the process is killed.
 */
export type Synchronous = "full" | "normal";

export interface FileOptions {
  readonly synchronous: Synchronous;
  /** The epoch of a file that has none yet. */
  readonly freshEpoch: string;
}

const PAGE_BYTES = 4096;
/** How large `-wal` may become: SQLite's default, and less for disks that are small or nearly full. */
const WAL_BYTES = [1000 * PAGE_BYTES, 64 * PAGE_BYTES, 16 * PAGE_BYTES] as const;

export class SqliteFile {
  readonly #synchronous: Synchronous;
  readonly #database: JournalDatabase;
  readonly #state: FileState;
  #tables: Tables;
  #beside: TablesBeside;
  readonly #spare: Spare;
  /** Nothing may be written before this. */
  #isRunRecorded = false;
  /** The room that `-wal` has left is for deletions. */
  #isWalStuck = false;
  #completeAfter: number;
  #head: number; // the sequence number of the newest entry
  #lost: string | null = null;
  /** The number of the newest entry that may be lost because the file's structure is damaged. Null: it is not. */
  #damagedUpTo: number | null = null;
  /** The file when it was opened. */
  readonly opened: OpenedFile;

  /** @throws {CannotOpenError}, and the errors of the file system and of SQLite */
  constructor(path: string, { synchronous, freshEpoch }: FileOptions) {
    this.#synchronous = synchronous;
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#database = new JournalDatabase(path, (database) => this.#configure(database));
    this.#spare = new Spare(`${this.#database.path}-spare`, WAL_BYTES);
    try {
      const { current, isIncomplete, unwritable } = this.#database;
      this.#state = readState(current, { freshEpoch, isIncomplete });
      this.#completeAfter = this.#state.completeAfter;
      this.#head = this.#state.head;
      this.#tables = new Tables(current, this.#state.epoch);
      this.#beside = new TablesBeside(current);
      this.opened = { ...this.#state, unwritable: unwritable ?? reasonOf(() => this.#beginRun()) };
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Returns up to `max` entries after a sequence number, without their texts. */
  entriesAfter(sequence: number, max: number): RowPage<EntryMeta> {
    return this.#tables.entriesAfter(sequence, max);
  }

  /** Returns up to `max` sent ids whose drafts come after a sequence number. */
  sentIdsAfter(sequence: number, max: number): RowPage<SentId> {
    return this.#tables.sentIdsAfter(sequence, max);
  }

  /** Returns the texts of entries; null for an entry that is damaged or missing. */
  texts(sequences: readonly number[]): (string | null)[] {
    return this.#tables.texts(sequences);
  }

  /**
   * Writes everything, or nothing if it throws. Then, nothing can be written until `rebuild` or `relieve` succeeds.
   * Returns the notifications that were newly read; null for one that is damaged or missing.
   */
  write(write: FileWrite): (ReadEntry | null)[] {
    this.#writeWithRoom(() => this.#apply(write), write.head);
    this.#head = write.head;
    return this.#read(write.newlyRead);
  }

  /** The tables beside the journal's own, to be read. */
  get beside(): TablesBeside {
    return this.#beside;
  }

  /** Makes all changes to the tables beside the journal's own, or none if it throws, as `write` does. */
  writeBeside(apply: (tables: TablesBeside) => void): void {
    this.#writeWithRoom(() => this.#database.transact(() => apply(this.#beside)), this.#head);
  }

  /** Rebuilds the file if a write has found it damaged. Any target may then have lost any entry of it. */
  rebuild(): void {
    const head = this.#damagedUpTo;
    if (head === null) return; // another write that found the same has had it rebuilt
    this.#database.rebuild();
    this.#completeAfter = head;
    this.#recordRun({ ...this.#state, head, completeAfter: head, gaps: [], losses: [] });
    this.#damagedUpTo = null;
  }

  /** Writes the file anew, without anything that was deleted from it. */
  rewrite(): void {
    if (this.#lost !== null) throw new Error(this.#lost);
    if (!this.#isRunRecorded) throw new Error("the file is open only for reading");
    this.#database.rewrite();
  }

  /** Writes evictions, if necessary in the room of the spare, and makes sure that there is room for entries again. */
  relieve(write: FileWrite): Relief {
    const failure = reasonOf(() => this.#writeWithSpare(write));
    if (failure !== null) return { isWritten: false, unwritable: failure };
    const unwritable = reasonOf(() => this.#makeRoom());
    return { isWritten: true, unwritable };
  }

  /**
   * Looks whether the file is still what it was.
   *
   * @param options.mayReattach false: if the files beside the database were deleted, it only says so
   */
  check({ mayReattach }: { mayReattach: boolean }): FileCheck {
    try {
      const found = mayReattach ? this.#database.check() : this.#database.look();
      this.#lost = found.lost;
      return found;
    } catch (error) {
      this.#lost = messageOf(error);
      return { lost: this.#lost, isDetached: false };
    }
  }

  close(): void {
    this.#database.close();
  }

  /** @param head the sequence number of the newest entry that the file may have lost if it is damaged */
  #writeWithRoom(write: () => void, head: number): void {
    if (this.#lost !== null) throw new Error(this.#lost);
    if (this.#isWalStuck || !this.#spare.isHeld) throw new Error("there is no room on the disk");
    try {
      write();
    } catch (error) {
      if (isMalformedError(error)) this.#damagedUpTo = Math.max(head, this.#damagedUpTo ?? 0);
      throw error;
    }
    this.#isWalStuck = this.#database.isWalStuck();
  }

  #apply(write: FileWrite): void {
    const completeAfter = Math.max(write.completeAfter, this.#completeAfter);
    this.#database.transact(() => this.#tables.apply({ ...write, completeAfter }));
  }

  /** Never throws, because the marks are written: nobody may take them for lost. */
  #read(sequences: readonly number[]): (ReadEntry | null)[] {
    try {
      return this.#tables.read(sequences);
    } catch {
      return sequences.map(() => null); // a push that is due asks the journal whether it was read
    }
  }

  #writeWithSpare(write: FileWrite): void {
    const { lost } = this.check({ mayReattach: true });
    if (lost !== null) throw new Error(lost);
    try {
      this.#openAndApply(write);
    } catch (error) {
      if (!/full|I\/O|unable to open/.test(messageOf(error))) throw error;
      this.#spare.release();
      this.#database.moveWal();
      this.#openAndApply(write);
    }
  }

  #makeRoom(): void {
    try {
      this.#database.moveWal();
      this.#spare.hold();
    } catch {
      this.#database.compact();
      this.#spare.hold();
    }
    this.#isWalStuck = false;
    this.#configure(this.#database.current);
  }

  #openAndApply(write: FileWrite): void {
    this.#database.openForWriting();
    if (!this.#isRunRecorded) this.#recordRun(this.#state);
    this.#apply(write);
  }

  #beginRun(): void {
    this.#recordRun(this.#state);
    this.#spare.holdFirst();
    this.#configure(this.#database.current);
  }

  /** The run survives a power cut even if its entries need not: the next run must know its sequence numbers. */
  #recordRun(state: FileState): void {
    const { current } = this.#database;
    current.exec("PRAGMA synchronous = full");
    this.#database.transact(() => recordRun(current, state));
    this.#isRunRecorded = true;
    this.#configure(current);
    this.#database.watch();
  }

  #configure(database: DatabaseSync): void {
    const { walBytes } = this.#spare;
    database.exec(`
      PRAGMA synchronous = ${this.#synchronous};
      PRAGMA wal_autocheckpoint = ${walBytes / PAGE_BYTES};
      PRAGMA journal_size_limit = ${2 * walBytes}`);
    this.#tables = new Tables(database, this.#state.epoch);
    this.#beside = new TablesBeside(database);
  }
}

/** Returns why an act failed; null: it has not. */
function reasonOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
