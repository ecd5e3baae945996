/** The streams of the NATS journal: one has the notifications, the others what has to be remembered about them. */

import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { ensureStream, type StreamNeeds } from "../../nats/streams.ts";
import type { Retention } from "../journal.ts";

/** Which streams, for how much, on how many servers. */
export interface NatsStreamsOptions extends Pick<NatsUrl, "stream" | "replicas"> {
  readonly retention: Retention;
}

const MAX_WINDOW_MS = 24 * 60 * 60 * 1000;
const MIN_MS = 1_000; // 0 would be for ever
const SHARE_OF_IDS = 1 / 4; // of the bytes, which the server reserves beside those of the notifications
const SHARE_OF_TOPICS = 1 / 2;

/** How long an id is remembered. */
export function idWindowMs({ seconds }: Pick<Retention, "seconds">): number {
  return Math.min(seconds * 1000, MAX_WINDOW_MS);
}

/** The name of the stream that has the ids. */
export function idsStream(stream: string): string {
  return `${stream}-ids`;
}

/** The name of the stream that has the topics. */
export function topicsStream(stream: string): string {
  return `${stream}-topics`;
}

/** All are there, and fit. Rejects with an error that says what differs. */
export async function ensureStreams(link: NatsLink, options: NatsStreamsOptions): Promise<void> {
  await ensureStream(link, entriesStream(options));
  await ensureStream(link, idsStreamOf(options));
  await ensureStream(link, topicsStreamOf(options));
}

function entriesStream({ stream, replicas, retention }: NatsStreamsOptions): StreamNeeds {
  const maxAgeMs = Math.max(retention.seconds * 1000, MIN_MS);
  return {
    ...shared(replicas),
    name: stream,
    subjects: [`${stream}.in.>`, `${stream}.mark.*`],
    max_age: nanos(maxAgeMs),
    max_bytes: retention.bytes,
    // One more than are given: it tells whoever has it that nothing after it was crowded out.
    max_msgs_per_subject: retention.perTarget + 1,
    duplicate_window: nanos(Math.min(maxAgeMs, MAX_WINDOW_MS)),
    republish: { src: `${stream}.in.>`, dest: `${stream}.out.>` },
    allow_rollup_hdrs: true,
  };
}

/** If there are too many, the oldest are forgotten, and a repeat of those is another notification. */
function idsStreamOf(options: NatsStreamsOptions): StreamNeeds {
  const { stream } = options;
  return { ...remembered(options, SHARE_OF_IDS), name: idsStream(stream), subjects: [`${stream}.id.*`] };
}

/** None may be forgotten while a notification is kept that is found by it: if there is no room, that one is refused. */
function topicsStreamOf(options: NatsStreamsOptions): StreamNeeds {
  const { stream } = options;
  return {
    ...remembered(options, SHARE_OF_TOPICS),
    name: topicsStream(stream),
    subjects: [`${stream}.topics.>`],
    discard: DiscardPolicy.New,
  };
}

/** The newest of each subject, for as long as it may matter to a notification that was sent when it was old. */
function remembered({ replicas, retention }: NatsStreamsOptions, share: number): Omit<StreamNeeds, "name"> {
  return {
    ...shared(replicas),
    max_age: nanos(Math.max(retention.seconds * 1000, MIN_MS) * 2),
    max_bytes: Math.ceil(retention.bytes * share),
    max_msgs_per_subject: 1,
  };
}

function shared(replicas: number): Omit<StreamNeeds, "name"> {
  return {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
  };
}
