/** The stream of the queue, and the consumer that all nodes share: created if they do not exist, otherwise checked. */

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
import { ensureStream, mismatchesOf, type RequiredStreamConfig } from "../../nats/streams.ts";

export interface QueueStreamOptions extends Pick<NatsUrl, "stream" | "replicas"> {
  /** A message without an answer after this time is delivered again. */
  readonly ackWaitMs: number;
  /** The largest number of messages in flight on all nodes together. */
  readonly maxUnacked: number;
}

/** The name of the consumer. */
export const CONSUMER = "tidings";
const MAX_BYTES = 1024 * 1024 * 1024;
const CONSUMER_NOT_FOUND = 10_014;

/** The subject that publishers publish to. */
export function queueSubject(stream: string): string {
  return `${stream}.in`;
}

/** The subject of messages that can never be accepted. */
export function deadLetterSubject(stream: string): string {
  return `${stream}.dead`;
}

/** The queue as it was found or created. */
export interface EnsuredQueue {
  readonly consumer: Consumer;
  /** What did not exist before. A new stream has a new consumer. */
  readonly created: "stream" | "consumer" | "nothing";
}

/**
 * Resolves with the queue. Rejects with an error that lists the differences if the stream or the consumer exists with
 * another configuration. The size of an existing stream does not matter, so an operator may change it.
 */
export async function ensureQueue(link: NatsLink, options: QueueStreamOptions): Promise<EnsuredQueue> {
  const stream = await ensureStream(link, streamConfig(options), { max_bytes: MAX_BYTES });
  const { consumer, isNew } = await retryUntilReady(
    () => ensureConsumer(link, options),
    (error) => isUnready(error) || isApiError(error, STREAM_NOT_FOUND), // the server may not know the new stream yet
  );
  return { consumer, created: stream.isNew ? "stream" : isNew ? "consumer" : "nothing" };
}

/** Only an ack removes a message. When the stream is full, publishers receive an error. */
function streamConfig({ stream, replicas }: QueueStreamOptions): RequiredStreamConfig {
  return {
    name: stream,
    subjects: [queueSubject(stream), deadLetterSubject(stream)],
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
): Promise<{ consumer: Consumer; isNew: boolean }> {
  const required = {
    filter_subject: queueSubject(stream),
    ack_policy: AckPolicy.Explicit,
    max_deliver: -1,
  };
  const defaults = { ack_wait: nanos(ackWaitMs), max_ack_pending: maxUnacked };
  const found = await findConsumer(manager, stream);
  const info = found ??
    await manager.consumers.add(stream, { durable_name: CONSUMER, ...required, ...defaults });
  const mismatches = mismatchesOf(info.config, required);
  if (mismatches.length === 0) {
    return { consumer: jetstream.consumers.getConsumerFromInfo(info), isNew: found === undefined };
  }
  throw new Error(
    `the consumer ${CONSUMER} of ${stream} exists with another configuration: ${mismatches.join("; ")}`,
  );
}

async function findConsumer(
  { consumers }: JetStreamManager,
  stream: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await consumers.info(stream, CONSUMER);
  } catch (error) {
    if (isApiError(error, CONSUMER_NOT_FOUND)) return undefined;
    throw error;
  }
}
