/** Shows the metrics the parts of the node that they look at. */

import { PUSH } from "../push/push_record.ts";
import { SCHEDULED } from "../sources/scheduled_notification.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import type { Presence } from "./presence.ts";
import type { Processor } from "./shutdown.ts";

export function observe(
  { metrics }: Pick<Core, "metrics">,
  { journal, schedule, revocations, webhook, teller, tracker }:
    & Pick<Backend, "journal" | "schedule" | "revocations">
    & Pick<Processor, "webhook">
    & Pick<Presence, "teller" | "tracker">,
): void {
  metrics.observe({
    journal,
    webhook,
    teller,
    tracker,
    revocations,
    scheduled: () => ({ notification: schedule.waiting(SCHEDULED), push: schedule.waiting(PUSH) }),
  });
}
