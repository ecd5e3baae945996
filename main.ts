/** The entry point: answers `--help` and `--version`, or else reads the environment and runs the service. */

import process from "node:process";
import { VARIABLES } from "./src/config/config.ts";
import { answerArguments, UsageError } from "./src/service/command_line.ts";
import { runService } from "./src/service/run.ts";

/** Whether Deno lets the process see the names of all variables. Asking for one that it may not see would prompt. */
const canListVariables = Deno.permissions.querySync({ name: "env" }).state === "granted";

const answer = answerOrExit();
if (answer === null) await runService(readEnvironment(), { isComplete: canListVariables });
else console.log(answer);

function answerOrExit(): string | null {
  try {
    return answerArguments(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`Tidings cannot start.\n${error.message}`);
    return Deno.exit(2);
  }
}

/**
 * Gives up the permission afterwards, so that no dependency can read the variables of other programs. Dependencies that
 * look for variables of their own find none, instead of an error or a prompt.
 */
function readEnvironment(): Record<string, string | undefined> {
  const environment = listVariables();
  process.env = {};
  return environment;
}

function listVariables(): Record<string, string | undefined> {
  if (!canListVariables) return Object.fromEntries(VARIABLES.map((name) => [name, Deno.env.get(name)]));
  const environment = Deno.env.toObject();
  Deno.permissions.revokeSync({ name: "env" });
  return environment;
}
