/** FileGuard: locks the journal's file, and notices when its path no longer leads to it. */

import type { DatabaseSync } from "node:sqlite";
import { type Activity, type Fingerprint, foreignChange, takeFingerprint } from "./fingerprint.ts";
import { CannotOpenError } from "./schema.ts";

/** What is wrong with the files of a database. */
export type Finding =
  /** The database is not what it was, so nothing that is accepted now would be kept. */
  | { readonly kind: "lost"; readonly reason: string }
  /** Only `-wal` or `-shm` is gone. SQLite has them open, so what is in them is not lost yet. */
  | { readonly kind: "detached" };

/**
 * The lock is on the file itself and not on its name, so symbolic and hard links lead to the same lock. The operating
 * system releases it however the process ends.
 */
export class FileGuard {
  /** The path without symbolic links to the file: SQLite puts `-wal` and `-shm` next to the real file. */
  readonly path: string;
  #file: Deno.FsFile;
  #sidecars: readonly string[] = [];
  #fingerprint: Fingerprint | undefined;

  /** @throws {CannotOpenError} if another process has locked the file */
  constructor(path: string) {
    this.#file = openAndLock(path);
    this.path = Deno.lstatSync(path).isSymlink ? Deno.realPathSync(path) : path;
  }

  /** Called when the database has been opened for writing. */
  watch(database: DatabaseSync, activity: Activity): void {
    this.#sidecars = this.#identifySidecars();
    this.#fingerprint = takeFingerprint(database, this.path, activity);
  }

  /** Looks for changes that SQLite has not made. */
  inspect(database: DatabaseSync, activity: Activity): Finding | undefined {
    const identity = identify(this.path);
    if (identity === undefined) return lost("it was deleted or moved away");
    if (identity !== nameOf(this.#file.statSync())) return lost("another file was put in its place");
    if (this.#fingerprint === undefined) return undefined; // it is open only for reading
    if (this.#identifySidecars().join() !== this.#sidecars.join()) return { kind: "detached" };
    const fingerprint = takeFingerprint(database, this.path, activity);
    const change = foreignChange(this.#fingerprint, fingerprint);
    if (change !== undefined) return lost(change);
    this.#fingerprint = fingerprint;
    return undefined;
  }

  /** Reads the application id from the header of the file, where it stays readable if SQLite cannot read the rest. */
  readApplicationId(): number {
    const id = new Uint8Array(4);
    this.#file.seekSync(68, Deno.SeekMode.Start); // https://sqlite.org/fileformat2.html#application_id
    this.#file.readSync(id);
    return new DataView(id.buffer).getUint32(0);
  }

  /** Puts another file, which nobody else has open, in the place of this one. */
  replaceBy(path: string): void {
    const file = openAndLock(path);
    Deno.renameSync(path, this.path);
    this.#file.close();
    this.#file = file;
  }

  release(): void {
    this.#file.close();
  }

  #identifySidecars(): string[] {
    return ["-wal", "-shm"].map((suffix) => identify(this.path + suffix) ?? "missing");
  }
}

function openAndLock(path: string): Deno.FsFile {
  const file = openFile(path);
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new CannotOpenError("another process has it open");
}

/** A file that cannot be written can still be locked, and read. */
function openFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { create: true, read: true, write: true });
  } catch (error) {
    try {
      return Deno.openSync(path);
    } catch {
      throw error;
    }
  }
}

function identify(path: string): string | undefined {
  try {
    return nameOf(Deno.statSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

function nameOf({ dev, ino }: Deno.FileInfo): string {
  return `${dev}:${ino}`;
}

function lost(reason: string): Finding {
  return { kind: "lost", reason };
}
