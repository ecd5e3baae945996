/** `deno task bench`: measures Tidings and its peers side by side, and prints a table, draws a plot, or checks. */

import { checkedScenarios, LIMITS, verdictOf } from "./check.ts";
import { pinning } from "./cores.ts";
import { type Options, optionsFrom, USAGE, UsageError } from "./options.ts";
import { FLOOR, JOURNALS, NotInstalled, type Peer, PEERS } from "./peers.ts";
import { plotOf, plottedScenarios } from "./plot.ts";
import { measureIn, type RoundsParts } from "./rounds.ts";
import { SCENARIOS } from "./scenarios.ts";
import { tableOf } from "./table.ts";

const PLOT = new URL("bench.svg", import.meta.url);
const NOTE = "Where the CPU of the load is near 100 %, the server could have done more.";

/** @returns the exit code */
async function bench(args: string[]): Promise<number> {
  const options = optionsFrom(args);
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  try {
    const { pin, note } = await pinning();
    console.error(note);
    const progress = (line: string) => console.error(line);
    const by = async (peers: readonly string[], rounds: number): Promise<RoundsParts> => ({
      peers: [...journals(options), ...await installedPeers(peers, { folder, progress })],
      rounds: options.rounds ?? rounds,
      pin,
      progress,
    });
    switch (options.mode) {
      case "table":
        return await table(options, await by(options.peers, 5));
      case "plot":
        return await plot(await by(options.peers, 3));
      case "check":
        return await check(options, await by(["floor"], 3));
      default:
        return options.mode satisfies never;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function table({ only }: Options, parts: RoundsParts): Promise<number> {
  const rows = await measureIn(SCENARIOS.filter(({ name }) => only.includes(name)), parts);
  console.log(`${tableOf(rows)}\n\nRounds: ${parts.rounds}. ${NOTE}`);
  return 0;
}

async function plot(parts: RoundsParts): Promise<number> {
  await Deno.writeTextFile(PLOT, plotOf(await measureIn(plottedScenarios(), parts)));
  console.log(`Drawn: ${PLOT.pathname}`);
  return 0;
}

async function check({ only }: Options, parts: RoundsParts): Promise<number> {
  const limits = LIMITS.filter(({ scenario }) => only.includes(scenario));
  const rows = await measureIn(checkedScenarios(limits), parts);
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

/** Those that can be started here; of the others it says why not. */
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
      if (!(error instanceof NotInstalled)) throw error;
      progress(`${name} is skipped: ${error.message}`);
    }
  }
  return peers;
}

try {
  Deno.exit(await bench(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  Deno.exit(2);
}
