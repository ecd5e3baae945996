/** The streams of the NATS journal: one for the notifications, one for the ids, and one for the topics. */

import { DiscardPolicy, RetentionPolicy, StorageType, type StreamInfo } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { type EnsuredStream, ensureStream, type RequiredStreamConfig } from "../../nats/streams.ts";
import type { Retention } from "../journal.ts";
import { markerSubject } from "./store_marker.ts";

export interface NatsStreamsOptions extends Pick<NatsUrl, "stream" | "replicas"> {
  readonly retention: Retention;
}

const MAX_WINDOW_MS = 24 * 60 * 60 * 1000;
const MIN_AGE_MS = 1_000; // NATS takes 0 as unlimited
const SHARE_OF_IDS = 1 / 4; // of the retention's bytes; the server reserves them in addition
const SHARE_OF_TOPICS = 1 / 2;
/** How much of the stream of the topics the nodes fill. With the default retention, the rest is 16 MiB. */
const TOPICS_FILL = 7 / 8;

/** How many bytes the nodes put into the stream of the topics: fewer than what makes the server refuse (`StreamRoom`). */
export function topicsLimit({ bytes }: Pick<Retention, "bytes">): number {
  return Math.floor(bytes * SHARE_OF_TOPICS * TOPICS_FILL);
}

/** How long an id is remembered. */
export function idWindowMs({ seconds }: Pick<Retention, "seconds">): number {
  return Math.min(seconds * 1000, MAX_WINDOW_MS);
}

/** The name of the stream that stores the ids. */
export function idsStream(stream: string): string {
  return `${stream}-ids`;
}

/** The name of the stream that stores the topics. */
export function topicsStream(stream: string): string {
  return `${stream}-topics`;
}

/**
 * Creates the streams that do not exist, and resolves with the names of those that were lost. Nodes that start at the same
 * time on new servers create some each, in the same order, before any of them stores a message. So a stream was lost if
 * one that follows it is older, or if there are messages already.
 *
 * @throws {StreamMismatchError} if one exists with another configuration
 */
export async function ensureStreams(link: NatsLink, options: NatsStreamsOptions): Promise<readonly string[]> {
  const all: (EnsuredStream & { readonly name: string })[] = [];
  for (const config of journalStreams(options)) {
    all.push({ name: config.name, ...await ensureStream(link, config) });
  }
  const hasMessages = all.some(({ isNew, info }) => !isNew && info.state.last_seq > 0);
  const wasLost = ({ info, isNew }: EnsuredStream, index: number) =>
    isNew && (hasMessages || all.slice(index + 1).some((next) => isOlder(next.info, info)));
  return all.filter(wasLost).map(({ name }) => name);
}

function isOlder(a: StreamInfo, b: StreamInfo): boolean {
  return Date.parse(a.created) < Date.parse(b.created);
}

/** What the streams of the journal must be like. The first is that of the notifications. */
export function journalStreams(
  options: NatsStreamsOptions,
): readonly [entries: RequiredStreamConfig, ids: RequiredStreamConfig, topics: RequiredStreamConfig] {
  return [entriesConfig(options), idsConfig(options), topicsConfig(options)];
}

function entriesConfig({ stream, replicas, retention }: NatsStreamsOptions): RequiredStreamConfig {
  const maxAgeMs = Math.max(retention.seconds * 1000, MIN_AGE_MS);
  return {
    ...commonConfig(replicas),
    name: stream,
    subjects: [`${stream}.in.>`, markerSubject(stream, "*")],
    max_age: nanos(maxAgeMs),
    max_bytes: retention.bytes,
    // The stream keeps one message more than readers receive: if it is there, nothing after it was evicted.
    max_msgs_per_subject: retention.perTarget + 1,
    duplicate_window: nanos(Math.min(maxAgeMs, MAX_WINDOW_MS)),
    republish: { src: `${stream}.in.>`, dest: `${stream}.out.>` },
    allow_rollup_hdrs: true,
  };
}

/** When the stream is full, the oldest ids are forgotten, and a repeat of one of these is a new notification. */
function idsConfig(options: NatsStreamsOptions): RequiredStreamConfig {
  const { stream } = options;
  return { ...lookupConfig(options, SHARE_OF_IDS), name: idsStream(stream), subjects: [`${stream}.id.*`] };
}

/**
 * A topic must not be forgotten while a notification is kept that can only be found by it. So the nodes add no topics to
 * a stream that is nearly full, and a full one refuses them.
 */
function topicsConfig(options: NatsStreamsOptions): RequiredStreamConfig {
  const { stream } = options;
  return {
    ...lookupConfig(options, SHARE_OF_TOPICS),
    name: topicsStream(stream),
    subjects: [`${stream}.topics.>`],
    discard: DiscardPolicy.New,
  };
}

/**
 * Keeps the newest message of each subject for twice the retention: a record that is as old as the retention may still
 * matter to a notification that is accepted now.
 */
function lookupConfig(
  { replicas, retention }: NatsStreamsOptions,
  share: number,
): Omit<RequiredStreamConfig, "name"> {
  return {
    ...commonConfig(replicas),
    max_age: nanos(Math.max(retention.seconds * 1000, MIN_AGE_MS) * 2),
    max_bytes: Math.ceil(retention.bytes * share),
    max_msgs_per_subject: 1,
  };
}

function commonConfig(replicas: number): Omit<RequiredStreamConfig, "name"> {
  return {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
  };
}
