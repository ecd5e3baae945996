/** Shows the metrics the parts of the node that they look at. */

import { PUSH } from "../push/push_record.ts";
import { SCHEDULED } from "../sources/scheduled_notification.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import type { Processor } from "./shutdown.ts";

export function observe(
  { metrics }: Pick<Core, "metrics">,
  { journal, schedule, webhook }: Pick<Backend, "journal" | "schedule"> & Pick<Processor, "webhook">,
): void {
  metrics.observe({
    journal,
    webhook,
    scheduled: () => ({ notification: schedule.waiting(SCHEDULED), push: schedule.waiting(PUSH) }),
  });
}
