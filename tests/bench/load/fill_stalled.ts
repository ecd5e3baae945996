/** Fills the connections of some stalled tabs, so that the server has to hold back or buffer what follows. */

import type { Plan, Server } from "./plan.ts";
import { HttpPublisher } from "./http_publisher.ts";
import { PreparedRequest } from "./requests.ts";
import { isStalled } from "./tabs.ts";
import type { DeliveryStats } from "./delivery_stats.ts";

const PADDING = "x".repeat(60_000);
// Linux buffers 4 MB for a connection that nobody reads, so the other connections never fill up.
const TIMES = 90;
const FILLED = 10;

export async function fillStalled(
  server: Server,
  { plan, readers, stats }: { plan: Plan; readers: readonly number[]; stats: DeliveryStats },
): Promise<void> {
  using publisher = await HttpPublisher.open(server);
  for (const target of stalledTargets(plan).slice(0, FILLED)) {
    const request = new PreparedRequest(server, [target], { padding: PADDING });
    for (let time = 0; time < TIMES; time++) {
      stats.expected += readers[target] ?? 0;
      if (!await publisher.send(request)) {
        throw new Error("the connections of stalled tabs could not be filled");
      }
    }
  }
  await stats.settled();
  stats.reset();
}

function stalledTargets(plan: Plan): number[] {
  const tabs = Array.from({ length: plan.tabs }, (_, tab) => tab).filter((tab) => isStalled(tab, plan));
  return tabs.map((tab) => tab % plan.targets);
}
