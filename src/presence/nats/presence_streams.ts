/** The streams of presence in NATS: one for the records, and one for when targets were last seen, a subject for each target. */

import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { newestMessagesConfig } from "../../nats/newest_messages.ts";
import type { RequiredStreamConfig } from "../../nats/streams.ts";
import { decodeToken, encodeToken } from "../../nats/subjects.ts";
import type { LastSeenOptions } from "../last_seen.ts";
import type { PresenceRecordsOptions } from "../presence_records.ts";

/** The name of the service's stream, of which the names of these are made, and how many servers store each. */
export type PresenceStreams = Pick<NatsUrl, "stream" | "replicas">;

const MAX_DUPLICATE_WINDOW_MS = 120_000; // the default of NATS

export function presenceStream(stream: string): string {
  return `${stream}-presence`;
}

export function lastSeenStream(stream: string): string {
  return `${stream}-seen`;
}

export function recordSubject(stream: string, target: string): string {
  return `${stream}.presence.${encodeToken(target)}`;
}

export function allRecords(stream: string): string {
  return `${stream}.presence.*`;
}

export function lastSeenSubject(stream: string, target: string): string {
  return `${stream}.seen.${encodeToken(target)}`;
}

export function targetOfSubject(subject: string): string {
  return decodeToken(subject.slice(subject.lastIndexOf(".") + 1));
}

/** Nothing expires, because no age tells that a target is not online any more. */
export function presenceConfig(
  { stream, replicas, maxBytes }: PresenceStreams & PresenceRecordsOptions,
): RequiredStreamConfig {
  const subjects = [allRecords(stream)];
  return newestMessagesConfig({ name: presenceStream(stream), subjects, replicas, maxBytes });
}

/** How long it keeps its messages may change from one start to another, so it is not compared (`lastSeenAge`). */
export function lastSeenConfig(
  { stream, replicas, maxBytes }: PresenceStreams & Pick<LastSeenOptions, "maxBytes">,
): RequiredStreamConfig {
  return {
    name: lastSeenStream(stream),
    subjects: [`${stream}.seen.*`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_bytes: Math.ceil(maxBytes),
    max_msgs_per_subject: 1,
    num_replicas: replicas,
  };
}

/** NATS refuses a stream that recognises repeated ids for longer than it keeps messages. These have no ids. */
export function lastSeenAge(
  { keptMs }: Pick<LastSeenOptions, "keptMs">,
): Pick<StreamConfig, "max_age" | "duplicate_window"> {
  return { max_age: nanos(keptMs), duplicate_window: nanos(Math.min(keptMs, MAX_DUPLICATE_WINDOW_MS)) };
}
