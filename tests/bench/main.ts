/** `deno task bench`: measures Tidings and its peers, then prints a table, draws a plot, or checks. */

import { checkedScenarios, LIMITS, verdictOf } from "./check.ts";
import { createPin } from "./cores.ts";
import { NotInstalledError } from "./install.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import type { Peer } from "./peer.ts";
import { FLOOR, JOURNALS, PEERS } from "./peers.ts";
import { plotOf, plottedScenarios } from "./plot.ts";
import { measureIn, type RoundOptions } from "./rounds.ts";
import { SCENARIOS } from "./scenarios.ts";
import { tableOf } from "./table.ts";
import { exitWith } from "../usage.ts";

const PLOT = new URL("bench.svg", import.meta.url);
const NOTE = "Where the CPU of the load is near 100 %, the server could have done more.";

/** Resolves with the exit code. */
async function bench(args: string[]): Promise<number> {
  const options = parseOptions(args);
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  try {
    const { pin, note } = await createPin();
    console.error(note);
    const progress = (line: string) => console.error(line);
    const roundOptions = async (peers: readonly string[], rounds: number): Promise<RoundOptions> => ({
      peers: [...journals(options), ...await installedPeers(peers, { folder, progress })],
      rounds: options.rounds ?? rounds,
      pin,
      progress,
    });
    switch (options.mode) {
      case "table":
        return await table(options, await roundOptions(options.peers, 5));
      case "plot":
        return await plot(await roundOptions(options.peers, 3));
      case "check":
        return await check(options, await roundOptions(["floor"], 3));
      default:
        return options.mode satisfies never;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function table({ only }: Options, rounds: RoundOptions): Promise<number> {
  const rows = await measureIn(SCENARIOS.filter(({ name }) => only.includes(name)), rounds);
  console.log(`${tableOf(rows)}\n\nRounds: ${rounds.rounds}. ${NOTE}`);
  return 0;
}

async function plot(rounds: RoundOptions): Promise<number> {
  await Deno.writeTextFile(PLOT, plotOf(await measureIn(plottedScenarios(), rounds)));
  console.log(`Drawn: ${PLOT.pathname}`);
  return 0;
}

async function check({ only }: Options, rounds: RoundOptions): Promise<number> {
  const limits = LIMITS.filter(({ scenario }) => only.includes(scenario));
  const rows = await measureIn(checkedScenarios(limits), rounds);
  const verdicts = limits.flatMap((limit) =>
    rows.filter(({ scenario, server }) => scenario.name === limit.scenario && server !== FLOOR)
      .map((row) => verdictOf(limit, { row, rows }))
  );
  for (const { passed, sentence } of verdicts) console.log(`${passed ? "ok   " : "WORSE"} ${sentence}`);
  return verdicts.every(({ passed }) => passed) ? 0 : 1;
}

function journals({ mode, journals }: Options): Peer[] {
  const named = mode === "check" ? journals.slice(0, 1) : journals;
  return named.map((name) => JOURNALS[name]).filter((peer) => peer !== undefined);
}

/** Resolves with the peers that are installed, and reports why the others are skipped. */
async function installedPeers(
  names: readonly string[],
  { folder, progress }: { folder: string; progress: (line: string) => void },
): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const name of names) {
    try {
      const peer = await PEERS[name]?.(folder);
      if (peer !== undefined) peers.push(peer);
    } catch (error) {
      if (!(error instanceof NotInstalledError)) throw error;
      progress(`${name} is skipped: ${error.message}`);
    }
  }
  return peers;
}

await exitWith(bench, USAGE);
