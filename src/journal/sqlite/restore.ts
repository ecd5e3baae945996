/** Puts a backup in the place of a SQLite journal. */

import { dirname } from "node:path";
import { type BackupFacts, finishCopy } from "./finish_copy.ts";
import { FileGuard } from "./file_guard.ts";
import { markRestored } from "./mark_restored.ts";
import { removeIfExists } from "./remove_if_exists.ts";

/** Where a backup is written before it takes the journal's place: in the same folder, so that it can be renamed. */
export function restoringPath(path: string): string {
  return `${path}-restoring`;
}

/** True if there is a journal that a restored backup would replace. */
export function hasJournal(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Checks a backup, and puts it in the place of the journal. The journal stays as it is if the backup is not sound, or if
 * a service uses the journal. From then on, tabs that resume from before receive `recovered: false`.
 *
 * @param path of the journal
 * @param backup the content of the backup
 * @throws {CannotOpenError} if the backup is no journal or is damaged, or if a process has the journal open
 */
export async function restore(path: string, backup: ReadableStream<Uint8Array>): Promise<BackupFacts> {
  Deno.mkdirSync(dirname(path), { recursive: true });
  using guard = lock(path);
  const copy = restoringPath(guard.path);
  removeIfExists(copy);
  try {
    const file = await Deno.open(copy, { createNew: true, write: true, mode: 0o600 });
    await backup.pipeTo(file.writable);
    const facts = finishCopy(copy);
    markRestored(copy);
    // First, because a `-wal` of the journal would be taken for one of the backup. Then the journal is of no use any more.
    for (const suffix of ["-wal", "-shm"]) removeIfExists(guard.path + suffix);
    guard.replaceBy(copy);
    return facts;
  } catch (error) {
    removeIfExists(copy);
    throw error;
  }
}

/** The lock creates the file if there is none, which must not stay if nothing is restored. */
function lock(path: string): Pick<FileGuard, "path" | "replaceBy"> & Disposable {
  const guard = new FileGuard(path);
  return {
    path: guard.path,
    replaceBy: (copy) => guard.replaceBy(copy),
    [Symbol.dispose]() {
      if (!hasJournal(path)) removeIfExists(path);
      guard.release();
    },
  };
}
