/** Scheduled notifications: the record of one in the schedule, and back to the drafts when it is due. */

import { createHash } from "node:crypto";
import { z } from "zod";
import type { Draft } from "../journal/journal.ts";
import type { ScheduledRecord } from "../schedule/schedule.ts";
import { Id, Target } from "../wire/names.ts";
import { doesNotFit } from "../wire/problem.ts";
import { Topic, Urgency } from "../wire/protocol.ts";
import { StoredPush } from "../wire/push.ts";
import { MAX_AHEAD_MS } from "../wire/scheduled_time.ts";
import { StoredTrace } from "../wire/trace_context.ts";

/** A notification of a request that is to be sent later, and which of the request's drafts are its own. */
export interface ScheduledNotification {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Where the request has `at`. */
  readonly path: string;
  /** The index of its first draft. */
  readonly from: number;
  /** The index after its last draft. */
  readonly to: number;
}

/** What all drafts of a notification share, besides `data`. */
interface StoredNotification
  extends Pick<Draft, "id" | "ttl" | "topic" | "urgency" | "push" | "trace" | "span"> {
  readonly targets: readonly (string | null)[];
}

/** The kind of the records. */
export const SCHEDULED = "notification";

/** The key of a notification's record. */
export function scheduleKey(id: string): string {
  return `${SCHEDULED} ${id}`;
}

/**
 * Creates the record of a notification. One that was to be sent earlier is due now.
 *
 * @param now milliseconds since 1970
 * @throws {Problem} `does-not-fit` if it is to be sent too late
 */
export function toRecord(
  { at, path, from, to }: ScheduledNotification,
  { drafts, now }: { drafts: readonly Draft[]; now: number },
): ScheduledRecord {
  if (at - now > MAX_AHEAD_MS) throw doesNotFit(path, "is limited to 30 days ahead");
  const own = drafts.slice(from, to), [first] = own;
  if (first === undefined) throw new Error("a notification has at least one draft");
  const { id, data, ttl, topic, urgency, push, digest, trace, span } = first;
  const notification: StoredNotification = {
    id,
    targets: own.map(({ target }) => target),
    ttl,
    topic,
    urgency,
    push,
    ...trace !== undefined && { trace },
    ...span !== undefined && { span },
  };
  return {
    key: scheduleKey(id),
    digest: digest ?? "",
    addedAt: now,
    dueAt: Math.max(at, now),
    content: `${JSON.stringify(notification)}\n${data}`, // the text of `data` has no line break, nor has the JSON
  };
}

/** What is due was validated when it was scheduled. Somebody else may have written to the store since. */
const Stored: z.ZodType<StoredNotification> = z.object({
  id: Id,
  ttl: z.number().nullable(),
  topic: Topic.nullable(),
  urgency: Urgency.nullable(),
  push: StoredPush.nullable().default(null), // earlier versions do not store it
  trace: StoredTrace.exactOptional(),
  span: z.string().exactOptional(),
  targets: z.array(Target.nullable()),
});

/**
 * Creates the drafts of a notification that is due. They have a digest, so that a second append is a repeat.
 *
 * @throws {Error} if no version that is known has written the record
 */
export function toDrafts({ content, digest }: Pick<ScheduledRecord, "content" | "digest">): Draft[] {
  const end = content.indexOf("\n");
  const { targets, ...rest } = Stored.parse(JSON.parse(content.slice(0, end)));
  const data = content.slice(end + 1);
  JSON.parse(data); // browsers are sent the text as it is
  return targets.map((target) => ({ ...rest, target, data, digest }));
}

/** The content without one of the targets. Null if the notification has no other one. */
export function withoutTarget(content: string, target: string): string | null {
  const end = content.indexOf("\n");
  try {
    const { targets, ...rest }: StoredNotification = JSON.parse(content.slice(0, end));
    if (!targets.includes(target)) return content;
    const others = targets.filter((one) => one !== target);
    return others.length === 0
      ? null
      : `${JSON.stringify({ ...rest, targets: others })}${content.slice(end)}`;
  } catch {
    return content; // it cannot be read, and is dropped when it is due
  }
}

/** The id under which a notification is sent if its own was used for something else. A repeat has the same. */
export function freshId({ key, digest, addedAt }: ScheduledRecord): string {
  return createHash("sha256").update(`${addedAt} ${digest} ${key}`).digest("base64url").slice(0, 22);
}
