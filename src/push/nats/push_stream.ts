/** The stream of the push subscriptions in NATS: a subject for each subscription, and one for each target's list. */

import type { NatsUrl } from "../../nats/nats_url.ts";
import { newestMessagesConfig } from "../../nats/newest_messages.ts";
import type { RequiredStreamConfig } from "../../nats/streams.ts";
import { encodeToken } from "../../nats/subjects.ts";
import type { SubscriptionsOptions } from "../subscriptions.ts";

export type PushStreamOptions = Pick<NatsUrl, "stream" | "replicas"> & SubscriptionsOptions;

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
  const subjects = [`${stream}.push.subscription.*`, `${stream}.push.target.*`];
  return newestMessagesConfig({ name: pushStream(stream), subjects, replicas, maxBytes });
}
