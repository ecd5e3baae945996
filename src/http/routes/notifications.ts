/** `/v1/notifications/{id}`: how many connections a notification was sent to and how many acked it, or cancels it. */

import type { Nodes } from "../../cluster/nodes.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { scheduleKey } from "../../sources/scheduled_notification.ts";
import { Problem } from "../../wire/problem.ts";
import { toRfc3339 } from "../../wire/rfc3339.ts";
import type { PublisherHandler } from "../auth/publisher.ts";
import { fetchReports, reportJson } from "../ask_nodes.ts";
import { pathParam } from "../path_param.ts";
import { orUnavailable } from "./or_unavailable.ts";

const UNSENT = { sent: 0, acked: 0, firstAckMs: null, read: 0, firstReadMs: null, push: null };

export interface NotificationsDeps {
  readonly nodes: Nodes;
  readonly schedule: Pick<Schedule, "find" | "cancel">;
}

/** `GET /v1/notifications/{id}` */
export function deliveryReport({ nodes, schedule }: NotificationsDeps): PublisherHandler {
  return async function deliveryReport(c) {
    const id = pathParam(c, "id");
    const [scheduled, [report = null]] = await Promise.all([
      reachable(schedule.find(scheduleKey(id))),
      fetchReports(nodes, [id]),
    ]);
    if (scheduled !== null && scheduled.state !== "done") {
      const { addedAt, dueAt } = scheduled;
      const unsent = reportJson({ ...UNSENT, id, acceptedAt: addedAt });
      return c.json({ ...unsent, scheduled_at: toRfc3339(dueAt) });
    }
    if (report !== null) return c.json(reportJson(report));
    throw new Problem("not-found", `notification ${id} is unknown, or its report has expired`);
  };
}

/** `DELETE /v1/notifications/{id}`: cancels a notification that is scheduled. */
export function cancelNotification({ schedule }: Pick<NotificationsDeps, "schedule">): PublisherHandler {
  return async function cancelNotification(c) {
    const id = pathParam(c, "id");
    const outcome = await reachable(schedule.cancel(scheduleKey(id)));
    switch (outcome) {
      case "cancelled":
        return c.body(null, 204);
      case "too late":
        throw new Problem("already-sent", `notification ${id} was due, and is not scheduled any more`);
      case "unknown":
        throw new Problem("not-found", `no notification ${id} is scheduled`);
      default:
        return outcome satisfies never;
    }
  };
}

function reachable<T>(answer: Promise<T>): Promise<T> {
  return orUnavailable(answer, "the schedule cannot be reached");
}
