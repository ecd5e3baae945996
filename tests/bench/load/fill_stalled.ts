/** Fills the lines of the tabs that don't read, so that the server has to hold back, or to hold, what is for them. */

import type { Plan, Server } from "./plan.ts";
import { Publisher } from "./publishers.ts";
import { PreparedRequest } from "./requests.ts";
import { isStalled } from "./tabs.ts";
import type { Tally } from "./tally.ts";

const PADDING = "x".repeat(60_000);
const TIMES = 5; // the kernel takes about 200 KB for a line that nobody reads

export async function fillStalled(
  server: Server,
  { plan, readers, tally }: { plan: Plan; readers: readonly number[]; tally: Tally },
): Promise<void> {
  using publisher = await Publisher.open(server);
  for (const target of stalledTargets(plan)) {
    const request = new PreparedRequest(server, [target], PADDING);
    for (let time = 0; time < TIMES; time++) {
      tally.expected += readers[target] ?? 0;
      if (!await publisher.send(request)) throw new Error("the lines of stalled tabs could not be filled");
    }
  }
  await tally.settled();
  tally.reset();
}

function stalledTargets(plan: Plan): Set<number> {
  const targets = new Set<number>();
  for (let tab = 0; tab < plan.tabs; tab++) if (isStalled(tab, plan)) targets.add(tab % plan.targets);
  return targets;
}
