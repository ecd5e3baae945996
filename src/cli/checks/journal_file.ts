/** Checks the file of a SQLite journal and its folder, and changes nothing that is in them. */

import { dirname } from "node:path";
import { FileHeader } from "../../journal/sqlite/file_header.ts";
import { isInUse } from "../../journal/sqlite/in_use.ts";
import { type CheckFinding, reasonOf } from "./check_finding.ts";

/** SQLite's files beside the database, and the spare. A file of another user is a usual reason why nothing is written. */
const SUFFIXES = ["", "-wal", "-shm", "-spare"];

/** @param options.isRunning whether the service listens, and so has the file open */
export function checkJournalFile(
  path: string,
  { isRunning }: { readonly isRunning: boolean },
): readonly CheckFinding[] {
  return [checkFolder(dirname(path)), ...checkFile(path, { isRunning })].filter((finding) =>
    finding !== null
  );
}

/** Makes and removes a file, because permissions alone do not tell whether a file system is read-only. */
function checkFolder(folder: string): CheckFinding {
  const found = (status: CheckFinding["status"], message: string): CheckFinding => ({
    status,
    check: "folder",
    message,
  });
  try {
    using _folder = madeFolder(folder);
    Deno.removeSync(Deno.makeTempFileSync({ dir: folder, prefix: "check-" }));
    return found("ok", `${folder} can be written`);
  } catch (error) {
    return found("fail", `${folder} cannot be written: ${reasonOf(error)}`);
  }
}

/** Makes the folder as the service would, and removes each folder that did not exist. */
function madeFolder(folder: string): Disposable {
  const made: string[] = []; // the innermost first
  for (let path = folder; isMissing(path); path = dirname(path)) made.push(path);
  Deno.mkdirSync(folder, { recursive: true });
  return { [Symbol.dispose]: () => made.forEach((path) => Deno.removeSync(path)) };
}

/** A folder outside of those that the process may read counts as being there: it cannot be made either. */
function isMissing(path: string): boolean {
  try {
    return sizeOf(path) === null;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

function checkFile(path: string, { isRunning }: { readonly isRunning: boolean }): (CheckFinding | null)[] {
  const found = (status: CheckFinding["status"], message: string): CheckFinding => ({
    status,
    check: "journal",
    message,
  });
  try {
    if (!sizeOf(path)) return [found("ok", `${path} will be made`)];
    const header = FileHeader.read(path);
    if (header.problem !== null) return [found("fail", `${path} is no journal: ${header.problem}`)];
    if (isInUse(path)) {
      return [
        found(
          isRunning ? "ok" : "fail",
          `${path} is in use by ${isRunning ? "the service" : "another process"}`,
        ),
      ];
    }
    return [
      header.isOutdated
        ? found("warn", `${path} will be brought up to date, after which an earlier version cannot open it`)
        : found("ok", `${path} is a journal, and no process has it open`),
      ...SUFFIXES.map((suffix) => checkWritable(path + suffix)),
    ];
  } catch (error) {
    return [found("fail", `${path} cannot be read: ${reasonOf(error)}`)];
  }
}

/** Null: it can be written, or does not exist. */
function checkWritable(path: string): CheckFinding | null {
  try {
    Deno.openSync(path, { write: true }).close();
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    return { status: "fail", check: "journal", message: `${path} cannot be written: ${reasonOf(error)}` };
  }
}

/** Null if there is no such file. */
function sizeOf(path: string): number | null {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
