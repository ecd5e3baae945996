/** The command line: `--help` and `--version`. Everything else is configured by environment variables. */

import { z } from "zod";
import { Environment } from "../config/environment.ts";
import { VERSION } from "../wire/version.ts";

/** Thrown for arguments that the service does not have. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Returns the text that the arguments ask for. Null if there are none, so that the service is to be started.
 *
 * @throws {UsageError} if an argument is unknown
 */
export function answerArguments(args: readonly string[]): string | null {
  const unknown = args.find((one) => !["--help", "-h", "--version", "-V"].includes(one));
  if (unknown !== undefined) throw new UsageError(`unknown argument ${unknown}; --help shows what there is`);
  if (args.some((one) => one === "--help" || one === "-h")) return help();
  return args.length > 0 ? `Tidings ${VERSION}` : null;
}

function help(): string {
  const { properties = {} } = z.toJSONSchema(Environment, { io: "input" });
  const variables = Object.entries(properties).map(([name, schema]) => {
    const { default: value, description = "" } = typeof schema === "object" ? schema : {};
    return `  ${name}${value === undefined ? "" : ` (${value})`}\n      ${description.replaceAll("`", "")}`;
  });
  return `Tidings ${VERSION} delivers notifications to browser tabs.

Usage: deno task start [--help | --version]

These environment variables configure it; defaults are in parentheses:

${variables.join("\n")}`;
}
