/** The operations for publishers. */

import { z } from "zod";
import { Id, Target } from "../wire/names.ts";
import { ReadRequest } from "../wire/marks.ts";
import { TokenRequest } from "../wire/protocol.ts";
import { AcceptedOneOrMany, NotifyOneOrMany, ReportOneOrMany } from "./bodies.ts";
import { KeptNotifications, ReadStatus } from "./messages.ts";
import type { Operation, Parameter } from "./operation.ts";
import { After, Disconnected, Report, TargetConnections, Token } from "./responses.ts";

const TARGET: Parameter = {
  in: "path",
  name: "target",
  description: "Percent-encoded",
  schema: Target,
  example: "alexander",
};
const POSITION = "k3v9x0ab-0000000000f";
const NEXT_POSITION = "k3v9x0ab-0000000000g";
const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const ACCEPTED = { id: ID, position: POSITION, expires: "2026-07-05T09:00:00.000Z" };
const REPORT = {
  ...{ id: ID, accepted_at: "2026-07-04T09:00:00.000Z" },
  ...{ sent: 3, acked: 3, first_ack_ms: 12, read: 1, first_read_ms: 7_500 },
};
const BODY_PROBLEMS = [
  ...["bad-request", "not-json", "timeout", "too-large"] as const,
  ...["unsupported-encoding", "does-not-fit", "unavailable"] as const,
] as const;

const NOTIFY: Operation = {
  method: "post",
  path: "/v1/notify",
  id: "notify",
  caller: "publisher",
  summary: "Send a notification, or an array of up to 1,000",
  description:
    `Every open tab of the target receives it, and it is kept for tabs that reconnect. The response is 202 when all
notifications of the request are stored. If any of them is invalid, none is stored. If the id of one was used with
other content, the others are still stored. A request is limited to 1 MiB and 10,000 targets.

If there is no response, or it is 503, repeat the request with the same ids. What was stored is not delivered again.`,
  parameters: [
    {
      in: "header",
      name: "Idempotency-Key",
      description: 'The id, as `"KEY"`; the notifications of an array have the ids KEY.0, KEY.1, …',
      schema: z.string(),
    },
    {
      in: "header",
      name: "Prefer",
      description:
        "`wait=SECONDS`, at most 60: the response is 200 with the report, when all connections have acked",
      schema: z.string(),
      example: "wait=5",
    },
  ],
  body: {
    schema: NotifyOneOrMany,
    examples: {
      "To a target": { target: "alexander", data: { title: "Hello, Alexander Hamilton!" } },
      "To several, for an hour": { targets: ["alexander", "burr"], data: { title: "At dawn" }, ttl: 3600 },
      "To everyone": { everyone: true, data: { title: "The bank is open" }, urgency: "low" },
      "With a topic": { target: "alexander", data: { unread: 4 }, topic: "unread" },
      "Several in one request": [
        { target: "alexander", data: 1, id: "duel-1" },
        { target: "burr", data: 2, id: "duel-2" },
      ],
    },
  },
  responses: [
    {
      status: 202,
      description: "Everything is stored",
      schema: AcceptedOneOrMany,
      example: ACCEPTED,
    },
    {
      status: 200,
      description: "The report, when the wait of `Prefer: wait` has ended",
      schema: ReportOneOrMany,
      headers: { "Preference-Applied": "`wait=SECONDS`" },
      example: REPORT,
    },
  ],
  problems: ["not-authorized", ...BODY_PROBLEMS, "id-conflict"],
};

const DELIVERY_REPORT: Operation = {
  method: "get",
  path: "/v1/notifications/{id}",
  id: "deliveryReport",
  caller: "publisher",
  summary: "Read the delivery report of a notification",
  description:
    "The sum over all nodes. Reports are kept in memory, for the latest 65,536 notifications and at most an hour.",
  parameters: [{ in: "path", name: "id", description: "Percent-encoded", schema: Id, example: ID }],
  responses: [{ status: 200, description: "The report", schema: Report, example: REPORT }],
  problems: ["bad-request", "not-authorized", "not-found", "unavailable"],
};

const TARGET_CONNECTIONS: Operation = {
  method: "get",
  path: "/v1/targets/{target}",
  id: "listConnections",
  caller: "publisher",
  summary: "List the connections of a target on all nodes",
  description: "The list is empty if the target has no connections. A target need not be created.",
  parameters: [TARGET],
  responses: [{
    status: 200,
    description: "The connections",
    schema: TargetConnections,
    example: {
      target: "alexander",
      connections: [{
        id: "5f0c7e0e-6a0b-4d0e-9f7e-3f1d1f0a7b11",
        transport: "websocket",
        connected_at: "2026-07-04T08:59:00.000Z",
        node: "tidings-1",
        behind: false,
      }],
    },
  }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const KEPT_NOTIFICATIONS: Operation = {
  method: "get",
  path: "/v1/targets/{target}/notifications",
  id: "listNotifications",
  caller: "publisher",
  summary: "List the notifications that are kept for a target",
  description:
    "In pages, oldest first, and including those for everyone. Each is in the form that browsers receive, with `read`.",
  parameters: [TARGET, {
    in: "query",
    name: "after",
    description: "`next` of the previous page; `earliest`, or nothing, for the first one",
    schema: After,
    example: POSITION,
  }],
  responses: [{
    status: 200,
    description: "A page",
    schema: KeptNotifications,
    example: {
      target: "alexander",
      unread: 1,
      notifications: [{
        type: "notification",
        id: ID,
        position: NEXT_POSITION,
        at: "2026-07-04T09:00:00.000Z",
        data: { title: "Hello, Alexander Hamilton!" },
        read: false,
      }],
      next: NEXT_POSITION,
      more: false,
    },
  }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const MARK_AS_READ: Operation = {
  method: "post",
  path: "/v1/targets/{target}/read",
  id: "markAsRead",
  caller: "publisher",
  summary: "Mark notifications of a target as read",
  description:
    `For a user who has read them elsewhere, such as in an email. All tabs of the target receive the mark, and it is kept
for tabs that reconnect. Positions at which nothing is kept for the target are ignored. A target has at most 500
exceptions: notifications that are read after an unread one, or that were marked as unread again. A body is limited to
64 KiB.`,
  parameters: [TARGET],
  body: {
    schema: ReadRequest,
    examples: {
      "Some": { positions: [POSITION, NEXT_POSITION] },
      "All up to a position": { through: NEXT_POSITION },
    },
  },
  responses: [{
    status: 200,
    description: "What the target has read now",
    schema: ReadStatus,
    example: { target: "alexander", unread: 2, position: NEXT_POSITION, through: POSITION },
  }],
  problems: ["not-authorized", ...BODY_PROBLEMS, "too-many-exceptions", "not-here"],
};

const DISCONNECT: Operation = {
  method: "delete",
  path: "/v1/targets/{target}/connections",
  id: "closeConnections",
  caller: "publisher",
  summary: "Close a target's connections",
  description:
    "Notifications that were accepted before are sent first. Browsers do not reconnect by themselves. Tokens of the target stay valid until they expire, so do not issue new ones.",
  parameters: [TARGET],
  responses: [{
    status: 200,
    description: "The connections are closed",
    schema: Disconnected,
    example: { closed: 3 },
  }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const TOKENS: Operation = {
  method: "post",
  path: "/v1/tokens",
  id: "issueToken",
  caller: "publisher",
  summary: "Issue a token for a browser",
  description:
    "For a user that is signed in to your backend. The token is signed with `TIDINGS_TOKEN_SECRET`.",
  body: { schema: TokenRequest, examples: { "For an hour": { target: "alexander", expires_in: 3600 } } },
  responses: [{
    status: 200,
    description: "The token",
    schema: Token,
    example: { token: "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", expires_at: "2026-07-04T10:00:00.000Z" },
  }],
  problems: ["not-authorized", ...BODY_PROBLEMS, "not-here"],
};

export const PUBLISHER_OPERATIONS: readonly Operation[] = [
  NOTIFY,
  DELIVERY_REPORT,
  TARGET_CONNECTIONS,
  KEPT_NOTIFICATIONS,
  MARK_AS_READ,
  DISCONNECT,
  TOKENS,
];
