/** Parses the JSON of a request, a notification or an array of notifications, into drafts for the journal. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Draft } from "../journal/journal.ts";
import type { PushRequest } from "../push/push_request.ts";
import { formatCount } from "../wire/format_count.ts";
import { doesNotFit, Problem } from "../wire/problem.ts";
import { IdOnly } from "../wire/names.ts";
import { type Notify, parseAs, parseJson, parseNotifications } from "../wire/protocol.ts";
import { parseScheduledTime } from "../wire/scheduled_time.ts";
import { parseTraceContext } from "../wire/trace_context.ts";
import { type Push, secondsUntil } from "../wire/push.ts";
import { rawDataOf } from "./raw_data.ts";
import type { ScheduledNotification } from "./scheduled_notification.ts";

const MAX_DRAFTS = 10_000;
const MAX_PUSHES = 1_000; // each is a record of the schedule
const NONE: readonly never[] = [];
const MAX_DATA_BYTES = 64 * 1024;
/** No valid request has as much: 1,000 notifications with nine fields each, and 10,000 targets, have 24,000 elsewhere. */
export const MAX_STRUCTURE = { inData: MAX_DATA_BYTES, elsewhere: 32_768 };

/**
 * The key from which a request's notifications get their ids. With a string, no notification may have an id of its
 * own. A fallback applies only to the notifications that have none.
 */
export type Key = string | { readonly fallback: string };

/** A parsed request. */
export interface ParsedRequest {
  /** One for each notification and target, in the order of the request. */
  readonly drafts: readonly Draft[];
  /** The id of each notification, in the order of the request. */
  readonly ids: readonly string[];
  readonly isArray: boolean;
  /** True for an array and for `targets`: the answer is then a list too. */
  readonly isBatch: boolean;
  /** The notifications that are to be sent later. `drafts` and `ids` have theirs too. */
  readonly scheduled: readonly ScheduledNotification[];
  /** Of those with a push, the one whose push comes the latest. Null: none has a push. */
  readonly latestPush: LatestPush | null;
}

export interface LatestPush {
  /** Where the request has `push`. */
  readonly path: string;
  /** Seconds. */
  readonly after: number;
}

/**
 * Parses a request.
 *
 * @param json the text of one notification, or of an array of them
 * @param key becomes the id of a single notification; in an array, `.0`, `.1` and so on are added to it
 * @throws {Problem} `not-json`, `does-not-fit`, `too-large` or `bad-request`; the request is then refused as a whole
 */
export function parseDrafts(json: string, key: Key | null): ParsedRequest {
  const data = rawDataOf(json, MAX_STRUCTURE);
  const body = parseJson(json);
  return toDrafts({ notifications: parseNotifications(body), data, isArray: Array.isArray(body) }, key);
}

/**
 * Makes a draft for each notification and target.
 *
 * @param request `data` has the JSON text of each notification's data
 * @throws {Problem} `does-not-fit`, `too-large` or `bad-request`
 */
export function toDrafts(
  { notifications, data, isArray }: {
    readonly notifications: readonly Notify[];
    readonly data: readonly string[];
    readonly isArray: boolean;
  },
  key: Key | null,
): ParsedRequest {
  const drafts: Draft[] = [], ids: string[] = [];
  let scheduled: ScheduledNotification[] | undefined, latestPush: LatestPush | null = null, pushes = 0;
  for (const [index, notification] of notifications.entries()) {
    const base = keyFor(notification, key);
    const ownKey = base !== null && isArray ? `${base}.${index}` : base;
    const targets = notification.targets ?? [notification.target ?? null];
    const draft = draftOf(notification, { targets, data: data[index] ?? "null", key: ownKey });
    ids.push(draft.id);
    for (const target of targets) drafts.push({ ...draft, target });
    if (draft.push !== null) {
      pushes += targets.length;
      const { after } = draft.push;
      if (latestPush === null || after > latestPush.after) {
        latestPush = { path: pathOf("push", { index, isArray }), after };
      }
    }
    if (notification.at !== undefined) {
      const at = toMs(notification.at), path = pathOf("at", { index, isArray });
      (scheduled ??= []).push({ at, path, from: drafts.length - targets.length, to: drafts.length });
    }
  }
  requireAtMost(MAX_DRAFTS, { count: drafts.length, of: "targets in all" });
  requireAtMost(MAX_PUSHES, { count: pushes, of: "targets with `push`" });
  const isBatch = isArray || notifications.some(({ targets }) => targets !== undefined);
  return { drafts, ids, isArray, isBatch, scheduled: scheduled ?? NONE, latestPush };
}

/** Where the request has the field of a notification. */
function pathOf(field: string, { index, isArray }: { index: number; isArray: boolean }): string {
  return isArray ? `${index}.${field}` : field;
}

/** Returns the key if it applies to this notification. */
function keyFor({ id }: Notify, key: Key | null): string | null {
  if (key === null || typeof key === "string") return key;
  return id === undefined ? key.fallback : null;
}

function draftOf(
  notification: Notify,
  { targets, data, key }: { targets: readonly (string | null)[]; data: string; key: string | null },
): Omit<Draft, "target"> {
  if (data.length > MAX_DATA_BYTES / 3 && Buffer.byteLength(data) > MAX_DATA_BYTES) {
    throw new Problem("too-large", `data is limited to ${formatCount(MAX_DATA_BYTES)} bytes`);
  }
  if (key !== null && notification.id !== undefined) {
    throw new Problem("bad-request", "use either Idempotency-Key or id, not both");
  }
  const { ttl = null, topic = null, urgency = null, at } = notification;
  const push = notification.push === undefined ? null : toPushRequest(notification.push);
  const given = key === null ? notification.id : parseAs(IdOnly, { id: key }).id;
  const id = given ?? crypto.randomUUID();
  if (given === undefined && at === undefined) {
    return withTrace({ id, data, ttl, topic, urgency, push, digest: null }, notification);
  }
  const content: unknown[] = [targets, data, ttl, topic, urgency];
  if (at !== undefined) content.push(toMs(at));
  if (push !== null) content.push(push);
  return withTrace({ id, data, ttl, topic, urgency, push, digest: digestOf(content) }, notification);
}

/** The trace is no part of the digest, because a repeat may belong to another one. */
function withTrace(
  draft: Omit<Draft, "target">,
  { traceparent, tracestate }: Notify,
): Omit<Draft, "target"> {
  const trace = parseTraceContext(traceparent, tracestate);
  return trace === undefined ? draft : { ...draft, trace };
}

function toPushRequest(push: Push): PushRequest {
  const { title = null, body = null, navigate = null } = push === true ? {} : push;
  return { after: secondsUntil(push), title, body, navigate };
}

/** The schema has checked that there is such a time. */
function toMs(at: string): number {
  return parseScheduledTime(at) ?? NaN;
}

/** Digests the content of a notification. The digest is short, because the journal remembers it with the id. */
function digestOf(content: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("base64").slice(0, 22);
}

/** @throws {Problem} `does-not-fit` */
function requireAtMost(max: number, { count, of }: { count: number; of: string }): void {
  if (count <= max) return;
  throw doesNotFit("", `a request is limited to ${formatCount(max)} ${of}; it has ${formatCount(count)}`);
}
