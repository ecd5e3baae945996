/** `restore FILE`: puts a backup in the place of the SQLite journal. */

import type { Command } from "@commander-js/extra-typings";
import { isInUse } from "../journal/sqlite/in_use.ts";
import { hasJournal, restore } from "../journal/sqlite/restore.ts";
import type { Variables } from "./call/access.ts";
import { EXIT, Failure } from "./call/failure.ts";
import { fileFailure } from "./file_error.ts";
import { factsJson, factsText } from "./journal_facts.ts";
import { journalPath } from "./journal_path.ts";
import { print } from "./output.ts";

export function addRestore(program: Command, variables: Variables): void {
  program.command("restore")
    .summary("put a backup in the place of the SQLite journal")
    .description(
      "Puts a backup in the place of the SQLite journal (TIDINGS_JOURNAL). The service must be stopped. The journal\n" +
        "stays as it is if the backup is not sound.",
    )
    .argument("<file>", "a file that `backup` wrote; -: standard input")
    .option("--replace", "replace the journal if there is one")
    .option("--json", "print JSON")
    .action(async (file, { replace = false, json = false }) => {
      const path = journalPath(variables);
      try {
        requireReplaceable(path, { replace });
        const facts = await restore(path, await open(file));
        print(json ? factsJson({ journal: path }, facts) : factsText(`restored ${path}`, facts));
      } catch (error) {
        throw fileFailure(`cannot restore ${path}`, error);
      }
    });
}

/** Restoring locks the journal all the same, because a service may start now. */
function requireReplaceable(path: string, { replace }: { replace: boolean }): void {
  if (!hasJournal(path)) return;
  if (isInUse(path)) throw new Failure(`${path} is in use: stop the service first`);
  if (replace) return;
  throw new Failure(`${path} exists; give --replace to replace it, and lose what it holds`, {
    exitCode: EXIT.usage,
  });
}

/** A file with a `-wal` is no backup: what is newest is in the other file. */
async function open(file: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (file === "-") return standardInput();
  if (hasJournal(`${file}-wal`)) {
    throw new Failure(`${file} has a -wal beside it, so it is a journal and no backup of one`);
  }
  return (await Deno.open(file)).readable;
}

function standardInput(): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (!Deno.stdin.isTerminal()) return Deno.stdin.readable;
  throw new Failure("redirect standard input from a file, as in `restore - < journal.db`", {
    exitCode: EXIT.usage,
  });
}
