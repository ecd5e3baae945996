/** When the connection of a client is cut, and when the client comes back: the same for every server. */

import { createRandom } from "../../random.ts";
import { paceOf, PUBLISHED_SECONDS, type Scenario, SECONDS } from "../scenario.ts";

/** In milliseconds since the first message. */
export interface Cut {
  readonly at: number;
  readonly back: number;
}

const SEEDS_APART = 1_000_003; // more than there are clients, so no two runs share a client's random numbers

/** Returns the cuts of a client in their order. The client is back after the last one. */
export function cutsOf(client: number, scenario: Omit<Scenario, "clients">): Cut[] {
  const random = createRandom(scenario.seed * SEEDS_APART + client);
  const within = ({ from, to }: { from: number; to: number }) => from + random() * (to - from);
  const pace = paceOf(scenario);
  const cuts: Cut[] = [];
  for (let at = within(SECONDS.firstCut); at < PUBLISHED_SECONDS;) {
    const back = at + within(SECONDS.away);
    cuts.push({ at: at * pace, back: back * pace });
    at = back + within(SECONDS.connected);
  }
  return cuts;
}
