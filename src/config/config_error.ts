/** The error of a configuration with which the service cannot start. */

/** Its message has a line for each variable that is invalid or missing. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
