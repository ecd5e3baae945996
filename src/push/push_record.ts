/** The record of a push in the schedule: what is to be sent to a target's devices unless it acks or reads it in time. */

import { Buffer } from "node:buffer";
import { z } from "zod";
import { Time } from "../wire/time.ts";
import type { Draft } from "../journal/journal.ts";
import type { ScheduledRecord } from "../schedule/schedule.ts";
import type { Position } from "../wire/position.ts";
import { Urgency } from "../wire/protocol.ts";
import { StoredPush } from "../wire/push.ts";
import { StoredTrace, type TraceContext } from "../wire/trace_context.ts";
import type { PushRequest } from "./push_request.ts";

/** The kind of the records. */
export const PUSH = "push";

/** A draft that asks for a push. */
export type PushDraft = Draft & { readonly target: string; readonly push: PushRequest };

/** What is kept of a notification until its push is sent. Times are in milliseconds since 1970. */
export interface DuePush {
  readonly id: string;
  readonly target: string;
  readonly topic: string | null;
  readonly urgency: Draft["urgency"];
  /** JSON. Of data that no push has room for, only the texts that a device shows are kept. */
  readonly data: string;
  readonly request: PushRequest;
  /** The head of the journal before the notification was appended. */
  readonly after: Position;
  readonly addedAt: number;
  /** When the push is to be sent first. */
  readonly dueAt: number;
  /** When the notification ends. No push is sent from then on. */
  readonly expiresAt: number;
  /** The number of times that it was tried. */
  readonly attempts: number;
  /** Null: all devices that the target has. */
  readonly left: readonly LeftDevice[] | null;
  /** Of the publisher. Missing: it sent none. */
  readonly trace?: TraceContext;
  /** The span that the push continues, as a `traceparent`. Missing unless spans are recorded. */
  readonly span?: string;
}

/** A device that a push is to be tried with again. */
export interface LeftDevice {
  /** Of the subscription. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const Stored: z.ZodType<DuePush> = z.object({
  id: z.string(),
  target: z.string(),
  topic: z.string().nullable(),
  urgency: Urgency.nullable(),
  data: z.string(),
  request: StoredPush,
  after: z.string(),
  addedAt: Time,
  dueAt: Time,
  expiresAt: Time,
  attempts: z.number(),
  left: z.array(z.object({ id: z.string(), at: Time })).nullable(),
  trace: StoredTrace.exactOptional(),
  span: z.string().exactOptional(),
});

const MAX_DATA_BYTES = 4 * 1024; // the largest push has less
const TEXTS = ["title", "body", "navigate"] as const;

/** The key of the push of a notification to a target. With the length of the target, no two pushes have the same. */
export function pushKey(id: string, target: string): string {
  return `${PUSH} ${target.length} ${target} ${id}`; // every ack makes one; as JSON it takes twice as long
}

/** True if the key is that of a push to the target. */
export function isPushOf(target: string, key: string): boolean {
  return key.startsWith(pushKey("", target));
}

export function toPush(
  { id, target, topic, urgency, data, push, trace, span }: PushDraft,
  { after, addedAt, expiresAt }: Pick<DuePush, "after" | "addedAt" | "expiresAt">,
): DuePush {
  const dueAt = addedAt + 1000 * push.after;
  const kept = Buffer.byteLength(data) > MAX_DATA_BYTES ? textsOf(data) : data;
  return {
    id,
    target,
    topic,
    urgency,
    data: kept,
    request: push,
    after,
    addedAt,
    dueAt,
    expiresAt,
    attempts: 0,
    left: null,
    ...trace !== undefined && { trace },
    ...span !== undefined && { span },
  };
}

/** @param at when it is to be sent */
export function toRecord(push: DuePush, { digest, at }: { digest: string; at: number }): ScheduledRecord {
  const { id, target, addedAt } = push;
  return { key: pushKey(id, target), digest, addedAt, dueAt: at, content: JSON.stringify(push) };
}

/** @throws {Error} if the record is from another version, or was changed in the store */
export function parsePush({ content }: Pick<ScheduledRecord, "content">): DuePush {
  const push = Stored.parse(JSON.parse(content));
  JSON.parse(push.data);
  return push;
}

function textsOf(data: string): string {
  const value: unknown = JSON.parse(data);
  if (typeof value !== "object" || value === null) return "null";
  const texts = Object.entries(value).filter(([name, text]) =>
    TEXTS.some((one) => one === name) && typeof text === "string"
  );
  return JSON.stringify(Object.fromEntries(texts));
}
