/** Runs in a mutated copy: plays histories until one breaks a promise, and prints which one, as JSON. */

import { CASES } from "../history/cases.ts";
import { generateHistory } from "../history/generate.ts";
import { play } from "../history/play.ts";
import type { History } from "../history/step.ts";

async function search(maxSeeds: number): Promise<string | null> {
  for (const [name, history] of Object.entries(CASES)) {
    const found = await breakOf(history);
    if (found !== null) return `case "${name}": ${found}`;
  }
  for (let seed = 1; seed <= maxSeeds; seed++) {
    const found = await breakOf(generateHistory(seed));
    if (found !== null) return `seed ${seed}: ${found}`;
  }
  return null;
}

async function breakOf(history: History): Promise<string | null> {
  const { violation } = await play(history);
  return violation === undefined ? null : `${violation.promise}: ${violation.detail.split("\n")[0]}`;
}

console.log(JSON.stringify(await search(Number(Deno.args[0]))));
Deno.exit(0); // a mutant may have left a real timer
