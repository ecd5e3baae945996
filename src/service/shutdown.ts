/** The shutdown of a node: stops its parts in an order that loses no accepted notification. */

import type { Channel } from "../async/channel.ts";
import { within } from "../async/within.ts";
import type { Admission } from "../connection/admission.ts";
import type { DrainPoller } from "../connection/drain_poller.ts";
import type { ReceivedMessage } from "../connection/read_pump.ts";
import type { Inbox } from "../processor/inbox.ts";
import type { MessageWebhook } from "../processor/webhook/message_webhook.ts";
import type { Intakes } from "../sources/intakes.ts";
import type { Scheduler } from "../sources/scheduler.ts";
import type { PublisherSockets } from "../sources/socket/publisher_sockets.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import { drain } from "./drain.ts";
import type { Listeners } from "./listeners.ts";
import type { Presence } from "./presence.ts";
import type { Pushes } from "./pushes.ts";
import type { Workers } from "./workers.ts";

/** The parts of a running node. */
export interface RunningNode {
  readonly core: Core;
  readonly backend: Backend;
  readonly admission: Admission;
  readonly presence: Presence;
  readonly drains: DrainPoller;
  readonly processor: Processor;
  readonly intakes: Intakes;
  /** They are closed first, because the intakes still accept what they hold. */
  readonly sources: {
    readonly queue: { close(): Promise<void> } | null;
    readonly outbox: { close(): Promise<void> } | null;
    readonly scheduler: Pick<Scheduler, "close">;
    readonly publishers: Pick<PublisherSockets, "close">;
    readonly pushes: Pushes | null;
  };
  readonly listeners: Pick<Listeners, "shutdown">;
  /** Resolves when the loops of the hub, the processor and the webhook have ended. */
  readonly loops: Promise<unknown>;
  readonly rebalancing: ReturnType<typeof setInterval>;
  /** Null: there are none. */
  readonly workers: Pick<Workers, "stop" | "settled" | "stopped" | "terminate"> | null;
}

/** The processor: its inbox, its channel, its loop, and the application's webhook. */
export interface Processor {
  readonly inbox: Inbox;
  readonly received: Channel<ReceivedMessage>;
  readonly webhook: MessageWebhook | null;
  readonly running: Promise<void>;
}

export interface ShutDownOptions {
  /** When it aborts, nothing is waited for any more. */
  readonly hurry?: AbortSignal;
  /** Called when a worker accepts nothing any more. Resolves when no other isolate does. */
  readonly settled?: () => Promise<void>;
}

/**
 * Stops the sources, delivers what was accepted, closes all connections, and then closes the remaining parts. It waits
 * for parts that hang until 90 % of the configured time has passed or the signal aborts, and uses the rest to close the
 * backend.
 */
export async function shutDown(
  {
    core,
    backend,
    admission,
    presence,
    drains,
    processor,
    intakes,
    sources,
    listeners,
    loops,
    rebalancing,
    workers,
  }: RunningNode,
  { hurry, settled }: ShutDownOptions = {},
): Promise<void> {
  const { config: { drainSeconds }, hub, feed } = core;
  clearInterval(rebalancing);
  core.memory.close();
  const { queue, outbox, scheduler, publishers, pushes } = sources;
  const sourcesClosed = Promise.all([
    queue?.close(),
    outbox?.close(),
    scheduler.close(),
    publishers.close(),
    pushes?.stop(),
  ]);
  core.stopping.abort();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), drainSeconds * 900);
  workers?.stop(hurry);
  hurry?.addEventListener("abort", () => deadline.abort(), { once: true });
  await within(Promise.all([sourcesClosed, intakes.settled()]), deadline);
  await within(Promise.all([workers?.settled(deadline), settled?.()]), deadline);
  const workersStopped = workers?.stopped(deadline);
  await drain(
    {
      queued: feed.notifications,
      connections: () => hub.connectionsOf(null),
      openSockets: () => core.slots.taken + core.publisherSlots.taken,
    },
    { windowMs: drainSeconds * 500, signal: deadline.signal },
  );
  for (const part of [hub, processor.received, admission]) part.close();
  await listeners.shutdown(deadline); // a stalled event stream may hold this up
  drains.close();
  await processor.running;
  processor.webhook?.close();
  await within(loops, deadline);
  await workersStopped; // what they still have to store needs the stores of this isolate
  await Promise.all([pushes?.close(deadline.signal), presence.close(deadline.signal)]);
  processor.webhook?.abort();
  clearTimeout(timer);
  workers?.terminate();
  await Promise.all([loops, backend.close()]);
  core.tracing?.close();
  core.accessLog?.flush();
}
