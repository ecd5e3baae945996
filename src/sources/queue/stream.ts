/** The stream of the queue, and the consumer in it that all nodes share: made if need be, or checked. */

import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { isApiError, STREAM_NOT_FOUND } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { isUnready, retryUntilReady } from "../../nats/retry_until_ready.ts";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { ensureStream, mismatchesOf, type StreamNeeds } from "../../nats/streams.ts";

/** Which stream, on how many servers, and how its messages are given out. */
export interface QueueStreamOptions extends Pick<NatsUrl, "stream" | "replicas"> {
  /** A message that is not answered by then is delivered again. */
  readonly ackWaitMs: number;
  /** Of all nodes together: given out, and not done with. */
  readonly maxUnacked: number;
}

const CONSUMER = "tidings";
const MAX_BYTES = 1024 * 1024 * 1024;
const CONSUMER_NOT_FOUND = 10_014;

/** Where backends put notifications. */
export function incoming(stream: string): string {
  return `${stream}.in`;
}

/** Where the messages go that nothing can be made of. */
export function dead(stream: string): string {
  return `${stream}.dead`;
}

/**
 * The consumer; it and the stream are there, and fit. Rejects with an error that says what differs. How large the
 * stream is may be changed.
 */
export async function ensureQueue(link: NatsLink, options: QueueStreamOptions): Promise<Consumer> {
  await ensureStream(link, streamNeeds(options), { max_bytes: MAX_BYTES });
  return await retryUntilReady(
    () => ensureConsumer(link, options),
    (error) => isUnready(error) || isApiError(error, STREAM_NOT_FOUND), // who was asked has not heard of it yet
  );
}

/** Nothing that was accepted leaves it but by an ack: whoever publishes to a full one gets an error. */
function streamNeeds({ stream, replicas }: QueueStreamOptions): StreamNeeds {
  return {
    name: stream,
    subjects: [incoming(stream), dead(stream)],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_age: 0,
    num_replicas: replicas,
  };
}

async function ensureConsumer(
  { manager, jetstream }: NatsLink,
  { stream, ackWaitMs, maxUnacked }: QueueStreamOptions,
): Promise<Consumer> {
  const needs = { filter_subject: incoming(stream), ack_policy: AckPolicy.Explicit, max_deliver: -1 };
  const limits = { ack_wait: nanos(ackWaitMs), max_ack_pending: maxUnacked };
  const info = await found(manager, stream) ??
    await manager.consumers.add(stream, { durable_name: CONSUMER, ...needs, ...limits });
  const misfits = mismatchesOf(info.config, needs);
  if (misfits.length === 0) return jetstream.consumers.getConsumerFromInfo(info);
  throw new Error(
    `the consumer ${CONSUMER} of ${stream} is there already, and does not fit: ${misfits.join("; ")}`,
  );
}

/** Undefined: there is none. */
async function found({ consumers }: JetStreamManager, stream: string): Promise<ConsumerInfo | undefined> {
  try {
    return await consumers.info(stream, CONSUMER);
  } catch (error) {
    if (isApiError(error, CONSUMER_NOT_FOUND)) return undefined;
    throw error;
  }
}
