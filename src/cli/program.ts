/** The program: all commands, and how they end. */

import { Command, CommanderError } from "@commander-js/extra-typings";
import { VERSION } from "../wire/version.ts";
import type { Variables } from "./call/access.ts";
import { addBackup } from "./backup.ts";
import { addCheck } from "./check.ts";
import { EXIT, type ExitCode, Failure } from "./call/failure.ts";
import { addErase } from "./erase.ts";
import { addKeygen } from "./keygen.ts";
import { addListen } from "./listen.ts";
import { addNotify } from "./notify.ts";
import { note } from "./output.ts";
import { addReport } from "./report.ts";
import { addRestore } from "./restore.ts";
import { addRevoke } from "./revoke.ts";
import { addStart } from "./start.ts";
import { addTargets } from "./targets.ts";
import { addToken } from "./token.ts";
import { addVersion } from "./version.ts";

const HELP_WIDTH = 110;

const NOTES = `
Commands that call the service use these variables:
  TIDINGS_URL       its URL (default: the address that HOST and PORT configure, http://127.0.0.1:8000)
  TIDINGS_KEY       a publisher key (default: the first plain key of TIDINGS_PUBLISHER_KEYS)
  TIDINGS_KEY_FILE  the path of a file with the key

Exit codes: 0 done; 1 refused, or \`check\` found what would fail; 2 invalid arguments, variables or JSON;
3 the service cannot be reached or is busy; 4 the key is missing or is not accepted; 130 interrupted.`;

/** Runs the command that the arguments name, and resolves with its exit code. */
export async function run(args: readonly string[], variables: Variables): Promise<ExitCode> {
  try {
    await createProgram(variables).parseAsync([...args], { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has printed why
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.ok; // the reader has what it wanted
    if (!(error instanceof Failure)) throw error;
    note(`tidings: ${error.message}`);
    return error.exitCode;
  }
}

/** An unknown option or a surplus argument is an error, so that nothing that is misspelled goes unnoticed. */
function createProgram(variables: Variables): Command {
  const program = new Command("tidings")
    .description("Runs Tidings, and operates it.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ helpWidth: HELP_WIDTH })
    .addHelpText("after", NOTES)
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();
  addStart(program, variables);
  addCheck(program, variables);
  addKeygen(program);
  addToken(program, variables);
  addNotify(program, variables);
  addListen(program, variables);
  addReport(program, variables);
  addTargets(program, variables);
  addRevoke(program, variables);
  addErase(program, variables);
  addBackup(program, variables);
  addRestore(program, variables);
  addVersion(program);
  return program;
}
