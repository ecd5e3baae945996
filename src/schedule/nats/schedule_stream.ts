/** The stream of the NATS schedule: one subject for each record, whose newest message says what has become of it. */

import { nanos } from "@nats-io/nats-core";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { newestMessagesConfig } from "../../nats/newest_messages.ts";
import type { RequiredStreamConfig } from "../../nats/streams.ts";
import { decodeToken, encodeToken } from "../../nats/subjects.ts";
import type { ScheduleOptions } from "../schedule.ts";

export interface ScheduleStreamOptions extends Pick<NatsUrl, "stream" | "replicas"> {
  readonly maxBytes: ScheduleOptions["maxBytes"];
}

/** For what the nodes fail to remove. It is much longer than the time for which a record can wait. */
const MAX_AGE_MS = 90 * 24 * 60 * 60 * 1000;

/** The name of the stream. */
export function scheduleStream(stream: string): string {
  return `${stream}-schedule`;
}

export function recordSubject(stream: string, key: string): string {
  return `${stream}.schedule.${encodeToken(key)}`;
}

export function allRecords(stream: string): string {
  return `${stream}.schedule.*`;
}

export function keyOfSubject(subject: string): string {
  return decodeToken(subject.slice(subject.lastIndexOf(".") + 1));
}

/** When the stream is full, it refuses further messages, because an older one may still be waiting. */
export function scheduleConfig({ stream, replicas, maxBytes }: ScheduleStreamOptions): RequiredStreamConfig {
  const name = scheduleStream(stream), subjects = [allRecords(stream)];
  return { ...newestMessagesConfig({ name, subjects, replicas, maxBytes }), max_age: nanos(MAX_AGE_MS) };
}
