/** The pushes of a node: composes what keeps them, what withdraws them, and what sends those that are due. */

import { Escalation, type SentNotification } from "../push/escalation.ts";
import { PushDelivery } from "../push/push_delivery.ts";
import { PushRecords } from "../push/push_records.ts";
import { PushSender } from "../push/push_sender.ts";
import { endpointRule } from "../push/push_services.ts";
import { Pusher } from "../push/pusher.ts";
import type { PushConfig } from "../config/config.ts";
import type { PushKeeper } from "../sources/append_drafts.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import { log } from "./log.ts";

export interface Pushes extends PushKeeper {
  /** Called when notifications were sent to a connection. */
  sent(notifications: readonly SentNotification[]): void;
  /** Called when a connection of the target has acked the notifications with these ids. */
  acked(ids: readonly string[], target: string): void;
  /** Forgets what was sent to a target. */
  forget(target: string): void;
  /** Sends nothing any more. */
  stop(): Promise<void>;
  /** Withdraws what was acked by now, unless the signal aborts. */
  close(signal: AbortSignal): Promise<void>;
}

export function createPushes(
  { limits, now, report, reports, metrics, refusals, tracing, config: { retention, development } }: Core,
  { backend, push }: { backend: Backend; push: PushConfig },
): Pushes {
  const { schedule, journal } = backend;
  const escalation = new Escalation({ schedule, report, retryMs: limits.retryMs });
  const records = new PushRecords({ journal, schedule, reports, retention, now, report });
  const delivery = new PushDelivery({
    ...backend,
    sender: new PushSender({
      vapid: push,
      isAllowed: endpointRule({ ...push, allowLoopback: development }),
      log,
      ...tracing !== null && { fetch: tracing.pushFetch },
    }),
    escalation,
    reports,
    metrics,
    onFailure: (reason) => refusals.push(reason),
    now,
  });
  const traced = tracing === null ? delivery : tracing.pushes(delivery);
  const pusher = new Pusher({ schedule, delivery: traced, report, now, everyMs: limits.dueCheckMs });
  return {
    keep: (drafts, options) => records.keep(drafts, options),
    read: (ids, target) => escalation.read(ids, target),
    sent: (notifications) => escalation.sent(notifications),
    acked: (ids, target) => escalation.acked(ids, target),
    forget: (target) => escalation.forget(target),
    stop: () => pusher.close(),
    close: (signal) => escalation.close(signal),
  };
}
