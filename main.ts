/** The entry point: reads the environment, starts the service, and runs it until a signal stops it. */

import process from "node:process";
import { ConfigError, configFrom, VARIABLES } from "./src/config/config.ts";
import { answerArguments, UsageError } from "./src/service/command_line.ts";
import { runUntilStopped, surviveFileSizeLimit } from "./src/service/lifecycle.ts";
import { log, startLog } from "./src/service/log.ts";
import { findMemoryLimit } from "./src/service/memory_limit.ts";
import { serve } from "./src/service/service.ts";

/** Whether Deno lets the process see the names of all variables. Asking for one that it may not see would prompt. */
const canListVariables = Deno.permissions.querySync({ name: "env" }).state === "granted";

try {
  const answer = answerArguments(Deno.args);
  if (answer !== null) {
    console.log(answer);
    Deno.exit(0);
  }
  const config = configFrom(readEnvironment(), { isComplete: canListVariables });
  await startLog(config);
  for (const warning of config.warnings) log.warn(warning);
  surviveFileSizeLimit();
  await runUntilStopped(await serve({ ...config, maxMemoryBytes: findMemoryLimit(config) }), config);
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof UsageError)) throw error;
  console.error(`Tidings cannot start.\n${error.message}`);
  Deno.exit(2);
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
