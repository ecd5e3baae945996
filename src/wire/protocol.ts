/** The protocol: a schema, and the type inferred from it, for everything that publishers and browsers send. */

import { z } from "zod";
import { messageOf } from "./error_message.ts";
import { MarkRead, MarkUnread, Ref } from "./marks.ts";
import { Id, Target } from "./names.ts";
import { Push, secondsUntil } from "./push.ts";
import { Problem } from "./problem.ts";
import { ScheduledTime } from "./scheduled_time.ts";
import { GIVEN_TRACE } from "./trace_context.ts";
import { violationsOf } from "./violations.ts";

const MAX_TARGETS = 1_000;
const MAX_NOTIFICATIONS = 1_000;
const MAX_IDS = 1_000;
const MAX_LEVELS = 100;
/** In a frame. A target's share of what can wait for the application is a little more. */
export const MAX_MESSAGES = 250;
const MAX_TOKEN_SECONDS = 30 * 24 * 60 * 60;

export const Topic = z.string().regex(
  /^[A-Za-z0-9_-]{1,32}$/,
  "must be 1 to 32 characters of A-Z, a-z, 0-9, - and _ (RFC 8030)",
).describe(
  "Only the newest notification of a target and topic is kept. With a `ttl` of 0, it retracts the previous one",
);

export const Urgency = z.enum(["very-low", "low", "normal", "high"]).describe("The urgency (RFC 8030)");

/** One notification, as publishers post it. `ttl`, `topic` and `urgency` are the terms of RFC 8030. */
export const Notify = z.strictObject({
  target: Target.optional(),
  targets: z.array(Target).min(1).max(MAX_TARGETS)
    .refine((targets) => new Set(targets).size === targets.length, "must not contain a target twice")
    .meta({ uniqueItems: true }).optional(),
  everyone: z.literal(true).describe("true, or omitted").optional(),
  data: z.unknown().refine(
    (data): boolean => data !== undefined,
    "is required; it can be any JSON value, including null",
  ).describe("Any JSON, limited to 64 KiB. Browsers receive its text unchanged"),
  id: Id.describe(
    "Identifies the notification for all its targets: a repeat is not delivered again. Generated if omitted",
  )
    .optional(),
  ttl: z.int().min(0).describe(
    "Retention in seconds; omitted: the server's retention. 0: only live connections receive it",
  ).optional(),
  topic: Topic.optional(),
  urgency: Urgency.optional(),
  at: ScheduledTime.optional(),
  push: Push.optional(),
  ...GIVEN_TRACE,
}).refine(
  ({ target, targets, everyone }) =>
    [target, targets, everyone].filter((given) => given !== undefined).length === 1,
  "exactly one of `target`, `targets` and `everyone` is required",
).refine(({ push, everyone }) => push === undefined || everyone === undefined, {
  path: ["push"],
  message: "is not possible with `everyone`, who have no devices in common",
}).refine(({ push, ttl = Infinity }) => push === undefined || ttl > secondsUntil(push), {
  path: ["push"],
  message: "must come before the notification ends: `ttl` must be greater than its `after`",
}).describe("A notification. Exactly one of `target`, `targets` and `everyone` is required");
export type Notify = z.infer<typeof Notify>;

/** The notifications of one request. */
export const NotifyMany = z.array(Notify).min(1).max(MAX_NOTIFICATIONS)
  .describe("The notifications of one request");

/** A notification as most publishers post it. Checking it with `Notify` takes three times as long, and in an array twice. */
const PlainNotify = z.strictObject({ target: Target, data: z.unknown() });
const PlainNotifyMany = z.array(PlainNotify).min(1).max(MAX_NOTIFICATIONS);

/** The body of a request for a token. */
export const TokenRequest = z.strictObject({
  target: Target,
  expires_in: z.int().min(1).max(MAX_TOKEN_SECONDS).default(3_600)
    .describe("Seconds, at most 30 days; 3,600 if omitted"),
}).describe("A request for a token");

/** True if arrays and objects are nested at most this deep. */
function isNestedWithin(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isNestedWithin(levels - 1, inner));
}

export const Ack = z.strictObject({ type: z.literal("ack"), ids: z.array(Id).min(1).max(MAX_IDS) })
  .describe("Acknowledges the notifications with these ids");

/**
 * A message for the application. The nesting of its data is limited because a frame has room for 30,000 levels, at
 * which `JSON.stringify` exhausts the stack and throws.
 */
export const ApplicationMessage = z.strictObject({
  type: z.literal("message"),
  data: z.unknown().refine((data) => data !== undefined, "is required")
    .refine((data) => isNestedWithin(MAX_LEVELS, data), `is limited to ${MAX_LEVELS} levels of nesting`)
    .describe(`Any JSON, limited to ${MAX_LEVELS} levels of nesting`),
  ...GIVEN_TRACE,
}).describe("A message for the application behind the service");

export const Ping = z.strictObject({ type: z.literal("ping") })
  .describe("Asks for a pong, which says that everything up to here has arrived");

/** One message from a browser. */
export const BrowserMessage = z.discriminatedUnion("type", [
  Ack,
  ApplicationMessage,
  MarkRead,
  MarkUnread,
  Ping,
])
  .describe("A message from a browser");
export type BrowserMessage = z.infer<typeof BrowserMessage>;

/** A ping in a frame of its own, as the SDK writes it. */
export const PING = '{"type":"ping"}';

/** The messages of one frame. */
export const BrowserMessages = z.array(BrowserMessage).min(1).max(MAX_MESSAGES)
  .describe("Messages from a browser");

/**
 * Parses a text frame: a message, or an array of messages.
 *
 * @throws {Problem} `not-json` or `does-not-fit`
 */
export function parseFrame(text: string): readonly BrowserMessage[] {
  const body = parseJson(text);
  return Array.isArray(body) ? parseAs(BrowserMessages, body) : [parseAs(BrowserMessage, body)];
}

const MarkWithRef = z.object({ type: z.enum(["read", "unread"]), ref: Ref });

/** The messages of a frame that `parseFrame` has refused, with the refs of its marks. None if it has too many messages. */
export function parseRefs(text: string): readonly { readonly ref?: string }[] {
  try {
    const all: readonly unknown[] = [JSON.parse(text)].flat();
    return all.length > MAX_MESSAGES ? [] : all.map((one) => MarkWithRef.safeParse(one).data ?? {});
  } catch {
    return []; // it is not JSON
  }
}

/** The body that a browser posts if it cannot send over its connection, which is an event stream. */
export const ReceivedRequest = z.strictObject({ connection: Id, messages: BrowserMessages })
  .describe("Messages that a browser sends beside its event stream");
export type ReceivedRequest = z.infer<typeof ReceivedRequest>;

/** What the server sends to a browser besides notifications. */
export type ServerMessage =
  | { type: "welcome"; connection: string; target: string; position: string; recovered: boolean | null }
  | { type: "missed" }
  | { type: "pong" }
  | { type: "marked"; ref: string }
  | { type: "error"; problem: Problem; ref?: string };

/**
 * Parses the body of a request: a notification, or an array of notifications. Tries the plain form first, which saves
 * a tenth of the time that a notification takes in all.
 *
 * @throws {Problem} `does-not-fit`
 */
export function parseNotifications(body: unknown): readonly Notify[] {
  if (Array.isArray(body)) return PlainNotifyMany.safeParse(body).data ?? parseAs(NotifyMany, body);
  return [PlainNotify.safeParse(body).data ?? parseAs(Notify, body)];
}

/** @throws {Problem} `not-json` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem("not-json", messageOf(cause), { cause });
  }
}

/** @throws {Problem} `does-not-fit`, with the path and the reason of each violation, up to 20 */
export function parseAs<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const errors = violationsOf(error);
  const [{ path = "", message = "" } = {}] = errors;
  throw new Problem("does-not-fit", path ? `${path}: ${message}` : message, { errors, cause: error });
}
