/** Composes the processor: what browsers send goes to the reports, the marks and the application's webhook. */

import { Channel } from "../async/channel.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";
import { dispatchReceived } from "../processor/dispatch.ts";
import { Inbox } from "../processor/inbox.ts";
import { Marks } from "../processor/marks.ts";
import { MessageWebhook } from "../processor/webhook/message_webhook.ts";
import type { Intakes } from "../sources/intakes.ts";
import type { Core } from "./core.ts";
import { log } from "./log.ts";
import type { Pushes } from "./pushes.ts";
import type { Processor } from "./shutdown.ts";

export function startProcessor(
  { config, limits, reports, metrics, report, tracing }: Core,
  { intakes, pushes }: { intakes: Intakes; pushes: Pushes | null },
): Processor {
  const received = new Channel<ReceivedMessage>(limits.received);
  const webhook = config.messageWebhook === null ? null : new MessageWebhook(config.messageWebhook, {
    backlog: { capacity: limits.received, share: limits.receivedPerTarget },
    log,
    metrics,
    ...tracing !== null && { fetch: tracing.webhookFetch },
  });
  const marks = new Marks({
    mark: (target, change) => intakes.mark(target, change),
    underWay: { capacity: limits.received, share: limits.receivedPerTarget },
    report,
  });
  const running = dispatchReceived(received, {
    mark: (mark) => marks.take(mark),
    ack(ids, { connection, target }) {
      reports.acked(ids, connection);
      pushes?.acked(ids, target);
    },
    message(message) {
      if (webhook === null) log.info("received a message from {target}: {data}", { ...message });
      else webhook.enqueue(message);
    },
  });
  return { inbox: new Inbox(received, webhook), received, webhook, running };
}
