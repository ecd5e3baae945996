/** What the commands of the suites share: how they read their options, and how they end. */

import { parseArgs, type ParseArgsConfig } from "node:util";

/** The command line is wrong. The message says how. */
export class UsageError extends Error {}

/** Ends the process with the code that a command resolves to, or with 2 and how it is used. */
export async function exitWith(
  command: (args: string[]) => number | Promise<number>,
  usage: string,
): Promise<never> {
  try {
    Deno.exit(await command(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    Deno.exit(2);
  }
}

/** Returns a seed of up to six digits, for a run that has none. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}

/** @throws {UsageError} if there is an unknown option, or a value too many or too few */
export function parseValues<C extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  options: C,
): ReturnType<typeof parseArgs<{ options: C }>>["values"] {
  try {
    return parseArgs({ args, options }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

/** Returns the number that the value of an option stands for. */
export function wholeNumber(
  option: string,
  { text, min, max }: { readonly text: string; readonly min: number; readonly max: number },
): number {
  const number = Number(text);
  if (/^\d{1,10}$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`--${option} ${text}: expected a whole number from ${min} to ${max}`);
}

/** Returns the names in the list, or all known names if there is no list. */
export function listOf<Name extends string>(
  option: string,
  { text, known }: { readonly text: string | undefined; readonly known: readonly Name[] },
): readonly Name[] {
  if (text === undefined) return known;
  const chosen = text.split(",");
  const unknown = chosen.find((name) => !known.some((one) => one === name));
  if (unknown === undefined) return known.filter((name) => chosen.includes(name));
  throw new UsageError(`--${option}: there is no "${unknown}"; expected one of ${known.join(", ")}`);
}
