/** `deno task fuzz`: plays random inputs until the time is up, or a case of a file, and prints what breaks. */

import { type FuzzCase, playCase, readCase } from "./fuzz_case.ts";
import { type FuzzOptions, parseOptions, USAGE, UsageError } from "./options.ts";
import { type AnyPart, JOURNALS } from "./part.ts";
import { PARTS } from "./parts.ts";
import { type Finding, playRound, type RoundOptions } from "./round.ts";
import { exitWith } from "../usage.ts";

const MAX_ROUND_MS = 30_000;

/** Plays rounds of the chosen parts in turn. Resolves with how many broke something. */
async function fuzz({ minutes, seed: firstSeed, only, journals }: FuzzOptions): Promise<number> {
  const until = performance.now() + minutes * 60_000;
  const turns = PARTS.filter(({ name }) => only.includes(name)).flatMap((part) =>
    journals.filter((journal) => part.journals.includes(journal)).map((journal) => ({ part, journal }))
  );
  if (turns.length === 0) throw new UsageError("--journal: none of the chosen parts has such a journal");
  const roundMs = Math.min(MAX_ROUND_MS, minutes * 60_000 / turns.length);
  let findings = 0;
  for (let round = 0; performance.now() < until; round++) {
    const { part, journal } = turns[round % turns.length] ?? turns[0] as typeof turns[0];
    const options = { journal, seed: firstSeed + round, ms: Math.min(roundMs, until - performance.now()) };
    const startedAt = performance.now();
    const { inputs, tally, finding } = await playRound(part, options);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const outcome = finding === null ? "everything held" : "BROKEN";
    const what = `${nameOf(part, options)}, seed ${options.seed}`;
    console.log(`${what}: ${inputs} inputs in ${seconds} s: ${outcome} (${tally})`);
    if (finding !== null) await report(finding, { part, options });
    findings += finding === null ? 0 : 1;
  }
  return findings;
}

function nameOf({ name, journals }: AnyPart, { journal }: Pick<RoundOptions, "journal">): string {
  return journals.length > 1 ? `${name} ${journal}` : name;
}

async function report(
  { violation, smallest }: Finding,
  { part, options: { journal, seed, ms } }: { part: AnyPart; options: RoundOptions },
): Promise<void> {
  console.log(`\n  ${violation.replaceAll("\n", "\n  ")}\n`);
  if (smallest === null) {
    const minutes = (ms / 60_000).toFixed(2);
    const replay = `--only ${part.name} --journal ${journal} --seed ${seed} --minutes ${minutes}`;
    return console.log(`  Only the whole round breaks it: deno task fuzz ${replay}\n`);
  }
  const file = await Deno.makeTempFile({ prefix: `fuzz-${part.name}-${seed}-`, suffix: ".json" });
  const text = JSON.stringify(smallest, null, 2);
  await Deno.writeTextFile(file, `${text}\n`);
  console.log(`${text}\n\n  Replay it: deno task fuzz --replay ${file}\n`);
}

/** Plays the cases of files. Resolves with how many broke something. */
async function replay(files: readonly string[]): Promise<number> {
  let findings = 0;
  for (const file of files) {
    const found = await readCase(file);
    const violation = await playCase(partOf(found), found);
    console.log(`${file}: ${violation === null ? "everything held" : `BROKEN\n  ${violation}`}`);
    findings += violation === null ? 0 : 1;
  }
  return findings;
}

function partOf({ part: name }: FuzzCase): AnyPart {
  const part = PARTS.find((one) => one.name === name);
  if (part === undefined) throw new UsageError(`there is no part ${name}`);
  return part;
}

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.isHelp) {
    console.log(USAGE);
    return 0;
  }
  if (options.replay.length === 0) console.log(`seed ${options.seed}; journals ${JOURNALS.join(", ")}`);
  const findings = await (options.replay.length > 0 ? replay(options.replay) : fuzz(options));
  return findings > 0 ? 1 : 0;
}

await exitWith(main, USAGE);
