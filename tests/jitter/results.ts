/** The results of rounds, kept in a file with a line of JSON for each, so that an interrupted run loses none. */

import type { Measured } from "./load/plan.ts";
import type { LanguageName } from "./load/languages.ts";
import type { Scenario } from "./scenario.ts";

export interface Result {
  readonly name: LanguageName;
  /** 1 for the first round. Its seed follows that of the round before. */
  readonly round: number;
  readonly scenario: Scenario;
  /** The load of the machine over the last minute, when the round ended. */
  readonly machineLoad: number;
  readonly measured: Measured;
}

/** Resolves with the results in a file; with none if there is no file, or no path. */
export async function readResults(path: string | null): Promise<Result[]> {
  if (path === null) return [];
  try {
    const lines = (await Deno.readTextFile(path)).split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

export async function keepResult(path: string | null, result: Result): Promise<void> {
  if (path !== null) await Deno.writeTextFile(path, `${JSON.stringify(result)}\n`, { append: true });
}
