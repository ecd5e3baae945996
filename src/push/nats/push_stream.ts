/** The stream of the push subscriptions in NATS: a subject for each subscription, and one for each target's list. */

import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { NatsUrl } from "../../nats/nats_url.ts";
import type { RequiredStreamConfig } from "../../nats/streams.ts";
import { encodeToken } from "../../nats/subjects.ts";
import type { SubscriptionsOptions } from "../subscriptions.ts";

export type PushStreamOptions = Pick<NatsUrl, "stream" | "replicas"> & SubscriptionsOptions;

/** The nodes keep to the limit themselves, and the stream has more room (`StreamRoom`). */
const BYTES_FACTOR = 2;

/** The name of the stream. */
export function pushStream(stream: string): string {
  return `${stream}-push`;
}

/** The subject that stores a subscription. */
export function subscriptionSubject(stream: string, id: string): string {
  return `${stream}.push.subscription.${id}`;
}

/** The subject that stores the ids of a target's subscriptions. */
export function listSubject(stream: string, target: string): string {
  return `${stream}.push.target.${encodeToken(target)}`;
}

/** Nothing expires, because no age tells which subscriptions are of no use. */
export function pushStreamConfig({ stream, replicas, maxBytes }: PushStreamOptions): RequiredStreamConfig {
  return {
    name: pushStream(stream),
    subjects: [`${stream}.push.subscription.*`, `${stream}.push.target.*`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_bytes: Math.ceil(maxBytes * BYTES_FACTOR),
    max_msgs_per_subject: 1,
    num_replicas: replicas,
  };
}
