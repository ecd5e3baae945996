/** Backs up the file of a SQLite journal, also while a service uses it. */

import { backup, DatabaseSync } from "node:sqlite";
import { FileGuard } from "./file_guard.ts";
import { isInUse } from "./in_use.ts";
import { type BackupFacts, finishCopy } from "./finish_copy.ts";
import { removeIfExists } from "./remove_if_exists.ts";

/** How far a backup has come. */
export interface BackupProgress {
  readonly copiedPages: number;
  readonly totalPages: number;
}

export interface BackupOptions {
  readonly onProgress?: (progress: BackupProgress) => void;
}

const BUSY_MS = 5_000;
const PAGES_PER_STEP = 256; // 1 MiB, between two of which the progress is shown

/**
 * Writes a copy of the journal as it is at one moment. The copy has no file beside it, and only its owner may read it.
 * If it fails, there is no copy.
 *
 * A service that uses the journal accepts and delivers meanwhile, but its `-wal` grows until the backup is done. A
 * journal that no service uses is locked, and its files are copied: if SQLite opened them, it would drop what a power cut
 * has damaged, and the service would not learn of that.
 *
 * @param path of the journal
 * @param copy path of the copy; a file that exists there is replaced
 * @throws {CannotOpenError} if it is no journal, or is damaged
 */
export async function backUp(path: string, copy: string, options: BackupOptions = {}): Promise<BackupFacts> {
  createPrivate(copy);
  try {
    if (isInUse(path)) await copyPages(path, copy, options);
    else copyFiles(path, copy);
    return finishCopy(copy);
  } catch (error) {
    for (const suffix of ["", "-wal", "-journal"]) removeIfExists(copy + suffix);
    throw error;
  }
}

/**
 * Without the transaction, SQLite would begin anew whenever the service writes between two steps, and never come to an
 * end under load. With it, all steps read one snapshot.
 */
async function copyPages(path: string, copy: string, { onProgress }: BackupOptions): Promise<void> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  try {
    database.exec("BEGIN");
    database.prepare("SELECT count(*) FROM sqlite_schema").get(); // the snapshot is that of the first read
    await backup(database, copy, {
      rate: PAGES_PER_STEP,
      progress: ({ totalPages, remainingPages }) =>
        onProgress?.({ copiedPages: totalPages - remainingPages, totalPages }),
    });
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

function copyFiles(path: string, copy: string): void {
  const guard = new FileGuard(path); // no service can start meanwhile
  try {
    copyInto(guard.path, copy);
    copyIfExists(`${guard.path}-wal`, `${copy}-wal`);
  } finally {
    guard.release();
  }
}

function copyIfExists(from: string, to: string): void {
  try {
    Deno.statSync(from);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  createPrivate(to);
  copyInto(from, to);
}

/** `Deno.copyFile` would also copy the permissions. */
function copyInto(from: string, to: string): void {
  using source = Deno.openSync(from);
  using target = Deno.openSync(to, { write: true, truncate: true });
  const buffer = new Uint8Array(1024 * 1024);
  for (let read = source.readSync(buffer); read !== null; read = source.readSync(buffer)) {
    for (let done = 0; done < read;) done += target.writeSync(buffer.subarray(done, read));
  }
}

function createPrivate(path: string): void {
  removeIfExists(path);
  Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
}
