/** Fills the lines of some tabs that don't read, so that the server has to hold back, or to hold, what is for them. */

import type { Plan, Server } from "./plan.ts";
import { Publisher } from "./publishers.ts";
import { PreparedRequest } from "./requests.ts";
import { isStalled } from "./tabs.ts";
import type { Tally } from "./tally.ts";

const PADDING = "x".repeat(60_000);
const TIMES = 90; // Linux takes 4 MB for a line that nobody reads, so the other lines are never full
const FILLED = 10;

export async function fillStalled(
  server: Server,
  { plan, readers, tally }: { plan: Plan; readers: readonly number[]; tally: Tally },
): Promise<void> {
  using publisher = await Publisher.open(server);
  for (const target of stalledTargets(plan).slice(0, FILLED)) {
    const request = new PreparedRequest(server, [target], PADDING);
    for (let time = 0; time < TIMES; time++) {
      tally.expected += readers[target] ?? 0;
      if (!await publisher.send(request)) throw new Error("the lines of stalled tabs could not be filled");
    }
  }
  await tally.settled();
  tally.reset();
}

function stalledTargets(plan: Plan): number[] {
  const tabs = Array.from({ length: plan.tabs }, (_, tab) => tab).filter((tab) => isStalled(tab, plan));
  return tabs.map((tab) => tab % plan.targets);
}
