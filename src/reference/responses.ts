/** The schemas of the responses. The reference is generated from them, and tests hold the service to them. */

import { z } from "zod";
import { Id, Target } from "../wire/names.ts";
import { SCOPES } from "../wire/principal.ts";
import { EARLIEST, POSITION_PATTERN } from "../wire/position.ts";
import { TRANSPORT_KINDS } from "../wire/transport_kind.ts";

export const Time = z.iso.datetime().describe("A time: RFC 3339, UTC");

export const Position = z.string().regex(POSITION_PATTERN)
  .describe("A place in the journal, which a stream can resume after. Opaque");

export const After = z.string().regex(new RegExp(`^${EARLIEST}$|${POSITION_PATTERN.source}`))
  .describe("A position, or `earliest`: before the oldest notification that is kept");

export const ConnectionId = z.string().describe("The id of a connection");

export const Accepted = z.object({
  id: Id,
  position: z.string().nullable()
    .describe("The place in the journal; null if it is to be sent later"),
  expires: Time.describe("When it expires: RFC 3339, UTC. Counts from when it is to be sent"),
}).describe("A stored notification to one target, or to everyone");

export const AcceptedForTarget = Accepted.extend({
  target: z.string().nullable().describe("The target; null for everyone"),
}).describe("A stored notification to one of several targets");

export const AcceptedMany = z.object({
  notifications: z.array(AcceptedForTarget)
    .describe("One for each notification and target, in the order of the request"),
}).describe("Stored notifications");

export const PushReport = z.object({
  due_at: Time.describe("When the push was due first: RFC 3339, UTC"),
  sent: z.int().min(0).describe("The number of devices whose push service has accepted it"),
  failed: z.int().min(0).describe(
    "The number of devices whose push service has refused it, or was not reached in time",
  ),
  gone: z.int().min(0).describe("The number of devices that were subscribed no longer"),
}).nullable().describe("The push to the devices of all its targets; null if none is known");

export const Report = z.object({
  id: Id,
  accepted_at: Time,
  sent: z.int().min(0).describe("The number of connections that it was sent to, on all nodes"),
  acked: z.int().min(0).describe("The number of those connections that have acked it"),
  first_ack_ms: z.number().nullable()
    .describe("Time from `accepted_at` to the first ack, in milliseconds; null if there is none"),
  read: z.int().min(0)
    .describe(
      "The number of targets that have marked it as read. Each counts once, even if it marks it as unread",
    ),
  first_read_ms: z.number().nullable()
    .describe("Time from `accepted_at` to the first such mark, in milliseconds; null if there is none"),
  push: PushReport,
  scheduled_at: Time.describe("When it is to be sent: RFC 3339, UTC. Only if it has not been sent")
    .optional(),
}).describe("The delivery report of a notification");

export const Reports = z.object({
  reports: z.array(Report).describe("In the order of the request"),
}).describe("The delivery reports of several notifications");

export const Connection = z.object({
  id: ConnectionId,
  transport: z.enum(TRANSPORT_KINDS),
  connected_at: Time,
  node: z.string().describe("The node that has the connection"),
  behind: z.boolean().describe("true while it reads the journal, because it resumes or is slow"),
}).describe("An open connection");

export const TargetConnections = z.object({
  target: Target,
  connections: z.array(Connection),
  last_seen: z.iso.datetime().nullable()
    .describe("When its last connection ended, or now while it has one; null if that is not known"),
}).describe("The connections of a target");

export const TransportCounts = z.object({
  websocket: z.int().min(0),
  sse: z.int().min(0),
}).describe("The number of a target's connections over each transport");

export const ConnectedTarget = z.object({
  target: Target,
  connections: z.int().min(1).describe("The number of its connections, on all nodes"),
  transports: TransportCounts,
  nodes: z.array(z.string()).min(1).describe("The nodes that have them"),
}).describe("A target that is connected");

export const ConnectedTargets = z.object({
  targets: z.array(ConnectedTarget).describe("In the order of their UTF-16 code units"),
  next: z.string().nullable().describe("`after` for the next page; null if this is the last one"),
}).describe("A page of the targets that are connected");

export const Key = z.object({
  name: z.string().describe("The name of the key, as it is in logs and metrics"),
  scopes: z.array(z.enum(SCOPES)).describe("What the key may do"),
}).describe("The owner of a publisher key");

export const Disconnected = z.object({
  closed: z.int().min(0).describe("The number of connections that were closed"),
}).describe("The result of closing a target's connections");

export const PushKey = z.object({
  key: z.string().describe("An uncompressed point of the curve P-256, 65 bytes in base64url"),
}).describe("The key with which browsers subscribe");

export const SubscriptionId = z.object({
  id: z.string().describe("Derived from the endpoint, and the same for as long as that is"),
}).describe("A stored subscription");

export const PushServices = z.record(z.string(), z.int().min(1))
  .describe("The number of subscriptions by the host of the push service");

export const PushSubscribers = z.object({
  subscriptions: z.int().min(0).describe("The number of subscriptions, at most ten"),
  services: PushServices,
}).describe("The subscriptions of a target");

export const Token = z.object({
  token: z.string().describe("A JWT whose `sub` is the target"),
  jti: z.string().describe("Identifies the token, also to revoke it"),
  expires_at: Time,
}).describe("A token for a browser");

export const TokenRevoked = z.object({
  jti: z.string().describe("The `jti` of the token that is revoked"),
  kept_until: Time.describe("When the revocation is forgotten, because the token has expired by then"),
}).describe("A token is revoked");

export const TargetRevoked = z.object({
  target: Target,
  issued_before: Time.describe("All tokens of the target that were issued before are revoked"),
  kept_until: Time.describe("When the revocation is forgotten, because the tokens have expired by then"),
}).describe("Tokens of a target are revoked");

export const Liveness = z.object({
  status: z.literal("alive"),
  version: z.string().describe("The version of the server"),
}).describe("The process is alive");

export const Readiness = z.object({ status: z.literal("ready") })
  .describe("The node should receive new connections");

export const Violation = z.object({
  path: z.string().describe("Such as `targets.0`; empty for the whole body"),
  message: z.string(),
}).describe("A part of a request that does not fit its schema");

export const Problem = z.object({
  type: z.string().regex(/^(urn:tidings:problem|https):/).describe("The kind of problem"),
  title: z.string().describe("The same for all problems of the kind"),
  status: z.int().min(400).max(599).describe("The status of the response"),
  detail: z.string().describe("The reason, for this request"),
  errors: z.array(Violation).optional().describe("Each part that does not fit the schema"),
  "violated-policies": z.array(z.string()).optional().describe("The limits that the request was beyond"),
  retry_after: z.int().min(1).optional().describe("When to repeat what was beyond a limit, in seconds"),
}).describe("The body of every error: RFC 9457");
