/** Fuzzes the command line with servers that are not Tidings, and with backups that are damaged. */

import { JournalFolder } from "../../cli/journal_folder.ts";
import type { Bench, Part } from "../part.ts";
import { Tally } from "../tally.ts";
import { expect } from "../violation.ts";
import { within } from "../within.ts";
import { type BackupChange, type CliInput, cliInputs } from "./cli_input.ts";
import { OtherServer } from "./other_server.ts";
import { runCommand } from "./run_command.ts";

const DEADLINE_MS = 60_000; // only what is broken takes that long
const ENTRIES = 20;

export const CLI: Part<CliInput> = {
  name: "cli",
  journals: ["memory"], // a backup is always of SQLite
  open: async () => {
    const folder = new JournalFolder();
    await folder.fill(ENTRIES);
    const file = `${folder.path}/backup.db`;
    await folder.run(["backup", file]);
    return new CliBench(folder, await Deno.readFile(file));
  },
};

class CliBench implements Bench<CliInput> {
  readonly inputs = cliInputs;
  readonly tally = new Tally();
  readonly #folder: JournalFolder;
  readonly #backup: Uint8Array<ArrayBuffer>;

  constructor(folder: JournalFolder, backup: Uint8Array<ArrayBuffer>) {
    this.#folder = folder;
    this.#backup = backup;
  }

  async play(input: CliInput): Promise<void> {
    const { code, printed } = await within(DEADLINE_MS, {
      work: input.do === "call" ? call(input) : this.#restore(input.changes),
      late: () => ({ code: "it has not ended", printed: "" }),
    });
    this.tally.add(`${input.do === "call" ? input.command[0] : "restore"} ${code}`);
    expect(typeof code === "number", () => `a command has failed with ${code}`);
    expect(!/\p{Cc}/u.test(printed.replaceAll(/[\n\t]/g, "")), () => `it prints ${JSON.stringify(printed)}`);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }

  /** What is restored must be a journal that can be backed up again. */
  async #restore(changes: readonly BackupChange[]): ReturnType<typeof runCommand> {
    const { path } = this.#folder, file = `${path}/damaged.db`, journal = `${path}/restored.db`;
    await Deno.writeFile(file, changes.reduce(damaged, this.#backup));
    const variables = { TIDINGS_JOURNAL: `sqlite:${journal}` };
    const result = await runCommand(["restore", file, "--replace"], variables);
    if (result.code !== 0) return result;
    const again = await runCommand(["backup", `${path}/again.db`], variables);
    await Deno.remove(`${path}/again.db`);
    expect(again.code === 0, () => `what was restored cannot be backed up: ${again.printed}`);
    return result;
  }
}

async function call(
  { command, answers, frames }: CliInput & { readonly do: "call" },
): ReturnType<typeof runCommand> {
  await using server = new OtherServer(answers, { frames, givesToken: command[0] === "listen" });
  return await runCommand(command, { TIDINGS_URL: server.url, TIDINGS_KEY: "fuzz-key-of-the-command-line" });
}

function damaged(bytes: Uint8Array<ArrayBuffer>, change: BackupChange): Uint8Array<ArrayBuffer> {
  const at = Math.floor(change.at * bytes.length);
  if (change.do === "cut") return bytes.slice(0, at);
  const rest = bytes.subarray(change.do === "insert" ? at : at + change.bytes.length);
  return new Uint8Array([...bytes.subarray(0, at), ...change.bytes, ...rest]);
}
