/** The shutdown of a node: which part stops when, so that nothing that was accepted is lost. */

import type { Channel } from "../async/channel.ts";
import { within } from "../async/within.ts";
import type { Admission } from "../connection/admission.ts";
import type { DrainPoller } from "../connection/drain_poller.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";
import type { Inbox } from "../processor/inbox.ts";
import type { MessageWebhook } from "../processor/webhook/message_webhook.ts";
import type { Intake } from "../sources/intake.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import { drain } from "./drain.ts";
import type { HttpListener } from "./listener.ts";

/** The parts of a running node. */
export interface Parts {
  readonly core: Core;
  readonly backend: Backend;
  readonly admission: Admission;
  readonly drains: DrainPoller;
  readonly processor: Processor;
  readonly intake: Intake;
  readonly queue: { close(): Promise<void> } | null;
  readonly listener: HttpListener;
  /** Ends when the hub and the processor have. */
  readonly loops: Promise<unknown>;
  readonly rebalancing: ReturnType<typeof setInterval>;
}

/** The processor's loop, with its channel and the application's webhook. */
export interface Processor {
  readonly inbox: Inbox;
  readonly received: Channel<ReceivedMessage>;
  readonly webhook: MessageWebhook | null;
  readonly running: Promise<void>;
}

/**
 * Stops the ways in, delivers what was accepted, sends the browsers away, and then closes what is left. A part that
 * hangs is waited for until nine tenths of the configured time are over; the rest of the time is for the end.
 */
export async function shutDown(
  { core, backend, admission, drains, processor, intake, queue, listener, loops, rebalancing }: Parts,
): Promise<void> {
  const { config: { drainSeconds }, hub, feed, slots } = core;
  clearInterval(rebalancing);
  const queueClosed = queue?.close() ?? Promise.resolve(); // first, because what the worker holds is still accepted
  core.stopping.abort();
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), drainSeconds * 900);
  await within(Promise.all([queueClosed, intake.settled()]), enough);
  await drain(
    { queued: feed.notifications, connections: () => hub.connectionsOf(null), slots },
    { windowMs: drainSeconds * 500, signal: enough.signal },
  );
  for (const part of [hub, processor.received, admission]) part.close();
  await within(listener.shutdown(), enough); // waits for an event stream that is stuck, closed or not
  drains.close();
  await processor.running;
  processor.webhook?.close();
  await within(loops, enough);
  processor.webhook?.abort();
  clearTimeout(timer);
  await Promise.all([loops, backend.close()]);
}
