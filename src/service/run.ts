/** Runs the service in this process, from its variables to its exit code. */

import { ConfigError, configFrom } from "../config/config.ts";
import { separateCommandLine } from "../config/command_line_variables.ts";
import { runUntilStopped, surviveFileSizeLimit } from "./lifecycle.ts";
import { log, startLog } from "./log.ts";
import { findMemoryLimit } from "./memory_limit.ts";
import { serve } from "./service.ts";

/**
 * Starts the service, and exits when it has stopped. Exits with 2, and a message, if it cannot start.
 *
 * @param options.isComplete whether `environment` has all variables of the process, so that misspelled names are found
 */
export async function runService(
  environment: Readonly<Record<string, string | undefined>>,
  { isComplete }: { readonly isComplete: boolean },
): Promise<never> {
  try {
    const { service: variables, ignored } = separateCommandLine(environment);
    const config = configFrom(variables, { isComplete });
    await startLog(config);
    for (const warning of config.warnings) log.warn(warning);
    for (const name of ignored) log.warn("{name} is only for the command line, and is ignored", { name });
    surviveFileSizeLimit();
    return await runUntilStopped(await serve({ ...config, maxMemoryBytes: findMemoryLimit(config) }), config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`Tidings cannot start.\n${error.message}`);
    return Deno.exit(2);
  }
}
