/** The schemas of the messages to browsers. The reference is generated from them, and tests hold the service to them. */

import { z } from "zod";
import { Ref } from "../wire/marks.ts";
import { Id, Target } from "../wire/names.ts";
import { POSITION_PATTERN } from "../wire/position.ts";
import { BrowserMessage, BrowserMessages, Topic, Urgency } from "../wire/protocol.ts";
import { HANDED_ON_TRACE } from "../wire/trace_context.ts";
import { ConnectionId, Position, Problem, Time } from "./responses.ts";

export const Welcome = z.object({
  type: z.literal("welcome"),
  connection: ConnectionId,
  target: Target,
  position: Position.describe("The position at which the stream starts"),
  recovered: z.boolean().nullable()
    .describe("true: all since `after` follows. false: some has expired. null: it does not resume"),
}).describe("The first message of a connection, alone in its frame");

export const Notification = z.object({
  type: z.literal("notification"),
  id: Id,
  position: Position,
  at: Time.describe("When it was accepted: RFC 3339, UTC"),
  data: z.unknown().describe("The JSON of the publisher, unchanged"),
  topic: Topic.optional(),
  urgency: Urgency.optional(),
  push: z.boolean().optional().describe(
    "true: devices are sent a push, unless the target acks or reads it in time",
  ),
  ...HANDED_ON_TRACE,
}).describe("A notification. They arrive in the order of their positions, each exactly once");

export const Missed = z.object({ type: z.literal("missed") }).describe(
  "The connection was so slow that notifications expired before they could be sent",
);

export const ErrorMessage = z.object({ type: z.literal("error"), problem: Problem, ref: Ref.optional() })
  .describe(
    "A message of this browser was refused: the one with this ref, or without a ref a whole frame",
  );

export const Marked = z.object({ type: z.literal("marked"), ref: Ref }).describe(
  "The mark of this browser that has this ref is kept, or changes nothing",
);

export const Read = z.object({
  type: z.literal("read"),
  position: Position,
  at: Time.describe("When it was marked: RFC 3339, UTC"),
  through: Position.nullable().describe("Everything up to this position was read, except `unread`"),
  read: z.array(Position).describe("Notifications after `through` that were read"),
  unread: z.array(Position).describe("Notifications up to `through` that are unread"),
}).describe("What this target has read: the whole state, which replaces the one before");

export const Pong = z.object({ type: z.literal("pong") }).describe(
  "Answers a ping: all frames of this browser up to it have arrived",
);

export const ServerMessage = z.discriminatedUnion("type", [
  Welcome,
  Notification,
  Read,
  Missed,
  Pong,
  Marked,
  ErrorMessage,
])
  .describe("A message to a browser");

export const ServerFrame = z.array(ServerMessage).min(1)
  .describe("A frame to a browser: at most 64 KiB, unless a single notification is larger");

export const BrowserFrame = z.xor([BrowserMessage, BrowserMessages])
  .describe("A frame from a browser: a message, or an array of messages");

const IsRead = z.boolean().describe("Whether the target has read it");
const Unread = z.int().min(0).describe("The number of unread notifications that are kept for the target");
/** Not the named schema of a position, because generators need alternatives to have names. */
const Through = z.string().regex(POSITION_PATTERN).nullable()
  .describe("Everything up to this position was read, except for what was marked as unread since");

export const KeptNotification = Notification.extend({ read: IsRead })
  .describe("A notification that is kept for a target");

export const KeptNotifications = z.object({
  target: Target,
  unread: Unread,
  notifications: z.array(KeptNotification).describe("Oldest first, including those for everyone"),
  next: Position.describe("`after` of the next page"),
  more: z.boolean().describe("Whether there is another page"),
}).describe("A page of the notifications that are kept for a target");

export const InboxNotification = KeptNotification.omit({ type: true })
  .describe("A notification of an inbox");

export const ReadStatus = z.object({
  target: Target,
  unread: Unread,
  position: Position.describe("The position of this answer. Connecting with it as `after` continues here"),
  through: Through,
}).describe("What a target has read");

export const InboxPage = ReadStatus.extend({
  notifications: z.array(InboxNotification).describe("Newest first, including those for everyone"),
  more: z.boolean().describe("Whether there are older ones, before the last of these"),
}).describe("A page of the inbox of a target");
