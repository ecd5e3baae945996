/** Runs a command of the command line in this process, and returns what it prints. */

import { run } from "../../../src/cli/program.ts";
import { replace } from "../../simulation/runtime/globals.ts";
import { textOf } from "../violation.ts";

export interface CommandResult {
  /** The text of what it has thrown, if it has not ended with a code. */
  readonly code: number | string;
  readonly printed: string;
}

export async function runCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  let printed = "";
  const writeSync = (bytes: Uint8Array) => {
    printed += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  const restore = [replace(Deno.stdout, { writeSync }), replace(Deno.stderr, { writeSync })];
  try {
    return { code: await run(args, variables).catch(textOf), printed };
  } finally {
    for (const one of restore) one();
  }
}
