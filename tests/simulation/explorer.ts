/** Explores seeds in a worker: plays one history after the other, and posts what has become of each. */

import { generateHistory } from "./history/generate.ts";
import { play } from "./history/play.ts";
import type { Violation } from "./promises/verdict.ts";

/** The seeds that a worker plays: from the first one on, every `step`th. */
export interface Exploration {
  readonly first: number;
  readonly step: number;
}

/** What has become of a seed. */
export interface Explored {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** The length of its trace, in lines. */
  readonly events: number;
  readonly simulatedMs: number;
  readonly notifications: number;
}

export async function explore(seed: number): Promise<Explored> {
  const { violation, events, ms, notifications } = await play(generateHistory(seed));
  return { seed, violation, events, simulatedMs: ms, notifications };
}

/** Plays until the worker is terminated. The first message brings the port for the results. */
addEventListener("message", async (event) => {
  if (!(event instanceof MessageEvent) || event.ports[0] === undefined) return;
  const [port] = event.ports, { first, step }: Exploration = event.data;
  for (let seed = first;; seed += step) port.postMessage(await explore(seed));
}, { once: true });
