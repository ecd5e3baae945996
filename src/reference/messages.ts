/** What a browser is sent, as schemas: the reference is made of them, and tests hold the service to them. */

import { z } from "zod";
import { Id, Target, Topic, Urgency } from "../wire/protocol.ts";
import { Connection, Position, Problem, Time } from "./answers.ts";

export const Welcome = z.object({
  type: z.literal("welcome"),
  connection: Connection,
  target: Target,
  position: Position.describe("Where this stream starts"),
  recovered: z.boolean().nullable().describe(
    "null: nobody asked. true: all since `after` follows. false: the journal no longer has all of it, and gives what it has",
  ),
}).describe("The first message of a connection, alone in its frame");

export const Notification = z.object({
  type: z.literal("notification"),
  id: Id,
  position: Position,
  at: Time.describe("When it was accepted, RFC 3339, UTC"),
  data: z.unknown().describe("As it was posted"),
  topic: Topic.optional(),
  urgency: Urgency.optional(),
}).describe("A notification: in the order of their positions, none missing, none twice");

export const Missed = z.object({ type: z.literal("missed") }).describe(
  "This connection was so slow that the journal no longer has all that it was to be given",
);

export const Refused = z.object({ type: z.literal("error"), problem: Problem }).describe(
  "A frame of this browser was refused; nothing of it was taken",
);

export const ServerMessage = z.discriminatedUnion("type", [Welcome, Notification, Missed, Refused]);

export const KeptNotifications = z.object({
  target: Target,
  notifications: z.array(Notification).describe("Oldest first, with those for everyone"),
  next: Position.describe("The next page is `after` this"),
  more: z.boolean().describe("There is a next page"),
});
