/** All mutations, and the run that proves that the simulation notices each of them. */

import { CONNECTION } from "./connection.ts";
import { HUB } from "./hub.ts";
import { JOURNAL } from "./journal.ts";
import type { Mutation } from "./mutation.ts";
import { NODE } from "./node.ts";
import { type SearchResult, SourcesCopy } from "./sources_copy.ts";

export const MUTATIONS: readonly Mutation[] = [...HUB, ...CONNECTION, ...JOURNAL, ...NODE];

export interface MutationRun {
  readonly mutations: readonly Mutation[];
  readonly maxSeeds: number;
  /** How many mutants run at the same time, each in a process of its own. */
  readonly jobs: number;
  onResult(mutation: Mutation, result: SearchResult): void;
}

/** Resolves with the mutations that no history noticed. */
export async function runMutations(
  { mutations, maxSeeds, jobs, onResult }: MutationRun,
): Promise<Mutation[]> {
  const waiting = [...mutations], survivors: Mutation[] = [];

  async function work(): Promise<void> {
    await using copy = await SourcesCopy.create();
    for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
      const result = await copy.search(mutation, { maxSeeds });
      if (result.found === null) survivors.push(mutation);
      onResult(mutation, result);
    }
  }

  await Promise.all(Array.from({ length: Math.min(jobs, mutations.length) }, work));
  return survivors;
}
