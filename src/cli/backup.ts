/** `backup FILE`: backs up the SQLite journal, also while the service runs. */

import type { Command } from "@commander-js/extra-typings";
import { backUp, type BackupProgress } from "../journal/sqlite/backup.ts";
import type { BackupFacts } from "../journal/sqlite/finish_copy.ts";
import type { Variables } from "./call/access.ts";
import { EXIT, Failure } from "./call/failure.ts";
import { fileFailure } from "./file_error.ts";
import { factsJson, factsText } from "./journal_facts.ts";
import { isJournalFile } from "./journal_files.ts";
import { journalPath } from "./journal_path.ts";
import { note, print, Progress } from "./output.ts";
import { TemporaryFile } from "./temporary_file.ts";

export function addBackup(program: Command, variables: Variables): void {
  program.command("backup")
    .summary("back up the SQLite journal")
    .description(
      "Writes a copy of the SQLite journal (TIDINGS_JOURNAL) to a file. The service may run meanwhile. The copy is\n" +
        "complete and sound, or there is none.",
    )
    .argument("<file>", "the file to write, which only its owner may read; -: standard output")
    .option("--replace", "replace the file if it exists")
    .option("--json", "print JSON, unless the backup goes to standard output")
    .action(async (file, { replace = false, json = false }) => {
      const path = journalPath(variables);
      requireJournal(path);
      try {
        if (file === "-") return note(factsText(`backed up ${path}`, await backUpToOutput(path)));
        const facts = await backUpToFile(path, { file, replace });
        print(json ? factsJson({ file }, facts) : factsText(`backed up ${path} to ${file}`, facts));
      } catch (error) {
        throw fileFailure(`cannot back up ${path}`, error);
      }
    });
}

function requireJournal(path: string): void {
  if (exists(path)) return;
  throw new Failure(`there is no journal at ${path}`);
}

async function backUpToFile(
  path: string,
  { file, replace }: { file: string; replace: boolean },
): Promise<BackupFacts> {
  if (isJournalFile(file, path)) {
    throw new Failure(`${file} belongs to the journal: name another file`, { exitCode: EXIT.usage });
  }
  if (!replace && exists(file)) {
    throw new Failure(`${file} exists; give --replace to replace it`, { exitCode: EXIT.usage });
  }
  using copy = new TemporaryFile(`${file}-partial`);
  const facts = await copyWithProgress(path, copy.path);
  Deno.renameSync(copy.path, file);
  return facts;
}

/** The copy is made beside the journal, where the service can write too. */
async function backUpToOutput(path: string): Promise<BackupFacts> {
  if (Deno.stdout.isTerminal()) {
    throw new Failure("redirect standard output to a file, as in `backup - > journal.db`", {
      exitCode: EXIT.usage,
    });
  }
  using copy = new TemporaryFile(`${path}-backup`);
  const facts = await copyWithProgress(path, copy.path);
  const content = await Deno.open(copy.path);
  await content.readable.pipeTo(Deno.stdout.writable);
  return facts;
}

async function copyWithProgress(path: string, copy: string): Promise<BackupFacts> {
  using progress = new Progress();
  return await backUp(path, copy, { onProgress: (state) => progress.show(progressText(state)) });
}

function progressText({ copiedPages, totalPages }: BackupProgress): string {
  const percent = totalPages === 0 ? 100 : Math.floor(100 * copiedPages / totalPages);
  return `backing up: ${percent} % (${copiedPages} of ${totalPages} pages)`;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileFailure(`cannot read ${path}`, error);
  }
}
