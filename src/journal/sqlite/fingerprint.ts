/** Fingerprint: what a database and its `-wal` look like from outside, to notice changes that SQLite has not made. */

import type { DatabaseSync } from "node:sqlite";
import { walBytes, walHeader } from "./wal.ts";

/** What this process has done with the database so far. */
export interface Activity {
  readonly transactions: number;
  /** Transactions that failed, and attempts to move `-wal`. Each may have written a part of the database. */
  readonly disturbances: number;
}

export interface Fingerprint extends Activity {
  readonly bytes: number;
  /** The size that the database has when everything is moved there from `-wal`. */
  readonly bytesOfPages: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Changes when SQLite begins `-wal` anew; empty if it contains nothing. */
  readonly walHeader: string;
  /** The frames of `-wal` that are moved to the database. */
  readonly moved: number;
  /** False if `-wal` does not contain what SQLite has written there. */
  readonly isWalWhole: boolean;
  /** True if SQLite tries with each transaction to move `-wal`, because it has not succeeded. */
  readonly isWalDue: boolean;
  /** Changes when another program commits a transaction. */
  readonly dataVersion: number;
}

/** Takes five system calls and 50 µs. */
export function takeFingerprint(database: DatabaseSync, path: string, activity: Activity): Fingerprint {
  const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  const { log, checkpointed } = database.prepare("PRAGMA wal_checkpoint(NOOP)").get() ?? {};
  const frames = Math.max(0, Number(log)), pageSize = pragma("page_size");
  const { size: bytes, mtime } = Deno.statSync(path);
  const header = walHeader(`${path}-wal`);
  const isLongEnough = Deno.statSync(`${path}-wal`).size >= walBytes(frames, pageSize);
  return {
    ...activity,
    bytes,
    bytesOfPages: pageSize * pragma("page_count"),
    modifiedAt: mtime?.getTime() ?? 0,
    walHeader: header?.toString() ?? "",
    moved: Number(checkpointed),
    isWalWhole: frames === 0 || (header !== undefined && isLongEnough),
    isWalDue: frames >= Number(database.prepare("PRAGMA wal_autocheckpoint").get()?.wal_autocheckpoint),
    dataVersion: pragma("data_version"),
  };
}

/** Returns what another program has done to the files; undefined: nothing that would be noticed. */
export function foreignChange(before: Fingerprint, after: Fingerprint): string | undefined {
  if (!after.isWalWhole) return "its -wal was truncated or overwritten";
  if (after.bytes < before.bytes && after.bytes < after.bytesOfPages) return "it was truncated";
  const isModified = after.modifiedAt !== before.modifiedAt;
  return isModified && !isWalMoved(before, after) ? "it was overwritten by another program" : undefined;
}

/** False only if it is certain. SQLite writes to the database when it moves frames there from `-wal`, and only then. */
function isWalMoved(before: Fingerprint, after: Fingerprint): boolean {
  if (after.moved !== before.moved || after.walHeader !== before.walHeader) return true;
  if (after.disturbances !== before.disturbances || after.isWalDue) return true;
  // An empty log does not tell whether something was written and moved meanwhile.
  const isAnythingWritten = after.transactions !== before.transactions ||
    after.dataVersion !== before.dataVersion;
  return after.walHeader === "" && isAnythingWritten;
}
