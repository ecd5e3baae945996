/** What the service answers, as schemas: the reference is made of them, and tests hold the service to them. */

import { z } from "zod";
import { POSITION_PATTERN } from "../wire/position.ts";
import { Id, Target } from "../wire/protocol.ts";

/** RFC 3339, UTC. */
export const Time = z.iso.datetime().describe("RFC 3339, UTC");

export const Position = z.string().regex(POSITION_PATTERN).describe(
  "A place in the journal. Opaque: what a stream is to go on after",
);

export const Connection = z.string().describe("The id of a connection");

export const Accepted = z.object({
  id: Id,
  position: Position,
  expires: Time.describe("Until when it is kept, RFC 3339, UTC"),
}).describe("A notification to one target, or to everyone, that is kept");

export const AcceptedMany = z.object({
  notifications: z.array(Accepted.extend({ target: Target.nullable().describe("null: everyone") }))
    .describe("One for each notification and target, in the order of the request"),
}).describe("Notifications that are all kept");

export const Report = z.object({
  id: Id,
  accepted_at: Time,
  sent: z.int().min(0).describe("How many connections it was handed to, on all nodes"),
  acked: z.int().min(0).describe("How many of those have acked it"),
  first_ack_ms: z.number().nullable().describe("From `accepted_at` to the first ack; null: there is none"),
}).describe("Whom a notification has reached so far");

export const Reports = z.object({
  reports: z.array(Report).describe("In the order of the request"),
});

export const TargetConnections = z.object({
  target: Target,
  connections: z.array(z.object({
    id: Connection,
    transport: z.enum(["websocket", "sse"]),
    connected_at: Time,
    node: z.string().describe("The node that has it"),
    behind: z.boolean().describe("It is being given what it missed, or is slow"),
  })),
});

export const Disconnected = z.object({ closed: z.int().min(0).describe("How many connections there were") });

export const Token = z.object({
  token: z.string().describe("A JWT whose `sub` is the target"),
  expires_at: Time,
});

export const Health = z.object({ status: z.enum(["alive", "ready"]) });

export const Problem = z.object({
  type: z.string().regex(/^urn:tidings:problem:/).describe("Which kind of problem"),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What is wrong with this very request, and what would be right"),
  errors: z.array(z.object({
    path: z.string().describe("`targets.0`; empty for the whole"),
    message: z.string(),
  })).optional().describe("Each part that does not fit"),
}).describe("What is answered instead of a result: RFC 9457");
