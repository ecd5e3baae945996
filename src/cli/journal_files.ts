/** Tells whether a path is one of the files of the journal, which a backup must not replace. */

import { basename, dirname } from "node:path";

/** Beside the file, SQLite keeps what is newest, and the service what it reserves. */
const SUFFIXES = ["", "-wal", "-shm", "-journal", "-spare"];

/**
 * Compares the names in the same folder, because a `-wal` need not exist yet, whatever the spelling of the folder.
 *
 * @param journal the path of the journal, which exists
 */
export function isJournalFile(file: string, journal: string): boolean {
  return [journal, Deno.realPathSync(journal)].some((path) =>
    isSameFolder(dirname(file), dirname(path)) &&
    SUFFIXES.some((suffix) => basename(file) === basename(path) + suffix)
  );
}

function isSameFolder(first: string, second: string): boolean {
  try {
    const { dev, ino } = Deno.statSync(first), other = Deno.statSync(second);
    return dev === other.dev && ino === other.ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // then there is no file to replace
    throw error;
  }
}
