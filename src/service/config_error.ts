/** Turns the failure of a part that cannot start into an error of the configuration. */

import { ConfigError } from "../config/config.ts";
import { messageOf } from "../wire/error_message.ts";

/** Rejects with a {@linkcode ConfigError} that names the variable. */
export async function orConfigError<T>(variable: string, opening: Promise<T>): Promise<T> {
  return await opening.catch((cause) => {
    throw configError(variable, cause);
  });
}

/** An error of the configuration, whose message names what is to be corrected. */
export function configError(subject: string, cause: unknown): ConfigError {
  return new ConfigError(`${subject}: ${messageOf(cause)}`, { cause });
}
