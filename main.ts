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
    if (error instanceof UsageError) return exitWith(error.message);
    throw error;
  }
}

/**
 * Gives up the permission afterwards, so that no dependency can read the variables of other programs. Dependencies that
 * look for variables of their own find none, instead of an error or a prompt.
 */
function readEnvironment(): Record<string, string | undefined> {
  const environment = canListVariables ? listVariables() : readVariables();
  process.env = {};
  return environment;
}

function listVariables(): Record<string, string | undefined> {
  const environment = Deno.env.toObject();
  Deno.permissions.revokeSync({ name: "env" });
  return environment;
}

/** A secret that the process may not read would leave the service open, so it has to be allowed to read all of them. */
function readVariables(): Record<string, string | undefined> {
  const hidden = VARIABLES.filter((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state !== "granted"
  );
  const [first, ...others] = hidden;
  if (first !== undefined) exitWith(`The process may not read ${nameOf(first, others)}: add --allow-env.`);
  return Object.fromEntries(VARIABLES.map((name) => [name, Deno.env.get(name)]));
}

function nameOf(first: string, others: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} other variables`;
}

function exitWith(message: string): never {
  console.error(`Tidings cannot start.\n${message}`);
  return Deno.exit(2);
}
