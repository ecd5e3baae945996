/** Publishes what the tabs will have missed when they connect, and counts it as expected. */

import type { DeliveryStats } from "./delivery_stats.ts";
import { HttpPublisher } from "./http_publisher.ts";
import type { Plan, Server } from "./plan.ts";
import { requestsOf } from "./requests.ts";
import { readersOf } from "./tabs.ts";

const MAX_PER_REQUEST = 100;

export async function publishMissed(
  server: Server,
  { plan, stats }: { plan: Plan; stats: DeliveryStats },
): Promise<void> {
  if (plan.missed === 0) return;
  const readers = readersOf(plan);
  using publisher = await HttpPublisher.open(server);
  const requests = requestsOf(server, {
    ...plan,
    over: "requests",
    batch: Math.min(MAX_PER_REQUEST, plan.targets),
  });
  for (let time = 0; time < plan.missed; time++) {
    for (const request of requests) {
      for (const target of request.targets) stats.expected += readers[target] ?? 0;
      if (!await publisher.send(request)) throw new Error("what the tabs miss could not be published");
    }
  }
}
