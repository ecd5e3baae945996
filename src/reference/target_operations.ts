/** The operations for publishers that are about one target. */

import { z } from "zod";
import { ReadRequest } from "../wire/marks.ts";
import { ID, NEXT_POSITION, POSITION } from "./examples.ts";
import { Target } from "../wire/names.ts";
import { KeptNotifications, ReadStatus } from "./messages.ts";
import { BODY_PROBLEMS, type Operation, TARGET } from "./operation.ts";
import { COUNT_PUSH_SUBSCRIPTIONS } from "./push_operations.ts";
import { After, ConnectedTargets, Disconnected, TargetConnections } from "./responses.ts";

const CONNECTED_TARGETS: Operation = {
  method: "get",
  path: "/v1/targets",
  id: "listTargets",
  caller: "publisher",
  scope: "read",
  summary: "List who is connected, on all nodes",
  description:
    `In pages, in the order of the targets. A target that stays connected while you read the pages is in exactly one of
them, whatever other targets come and go. If a node cannot answer, there is no page without its targets, but the problem
\`unavailable\`, which names the node; request the same page again.`,
  parameters: [{
    in: "query",
    name: "after",
    description:
      "`next` of the previous page. It may be any text, such as a prefix of targets; omit it for the first page",
    schema: Target,
    example: "alexander",
  }, {
    in: "query",
    name: "limit",
    description: "The maximum number of targets; 100 if omitted",
    schema: z.int().min(1).max(1_000),
    example: 1_000,
  }],
  responses: [{
    status: 200,
    description: "A page",
    schema: ConnectedTargets,
    example: {
      targets: [{
        target: "burr",
        connections: 3,
        transports: { websocket: 2, sse: 1 },
        nodes: ["tidings-1", "tidings-2"],
      }],
      next: null,
    },
  }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const TARGET_CONNECTIONS: Operation = {
  method: "get",
  path: "/v1/targets/{target}",
  id: "listConnections",
  caller: "publisher",
  scope: "read",
  summary: "List the connections of a target on all nodes",
  description:
    "The list is empty if the target has no connections; `last_seen` then says when the last one ended. A target need not be created.",
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
      last_seen: "2026-07-04T09:00:00.000Z",
    },
  }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const ERASE: Operation = {
  method: "delete",
  path: "/v1/targets/{target}",
  id: "eraseTarget",
  caller: "publisher",
  scope: "admin",
  summary: "Erase everything of a target",
  description:
    `On all nodes: the notifications that are kept or scheduled for the target alone or among others, what it has read, its
push subscriptions and pushes, and its name in reports. Notifications for everyone stay. Its connections are closed, and
browsers do not reconnect by themselves. Tokens stay valid, so revoke them first if the user is to stay away; the
revocation keeps the name. What is published at the same time is erased or kept as a whole. Repeat the request if there
is no response, or if it is 503.`,
  parameters: [TARGET],
  responses: [{ status: 204, description: "Everything is erased" }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const KEPT_NOTIFICATIONS: Operation = {
  method: "get",
  path: "/v1/targets/{target}/notifications",
  id: "listNotifications",
  caller: "publisher",
  scope: "read",
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
  scope: "publish",
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
  scope: "admin",
  summary: "Close a target's connections",
  description:
    "Notifications that were accepted before are sent first. Browsers do not reconnect by themselves. The tokens of the target stay valid until they expire or are revoked.",
  parameters: [TARGET],
  responses: [{
    status: 200,
    description: "The connections are closed",
    schema: Disconnected,
    example: { closed: 3 },
  }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

export const TARGET_OPERATIONS: readonly Operation[] = [
  CONNECTED_TARGETS,
  TARGET_CONNECTIONS,
  ERASE,
  KEPT_NOTIFICATIONS,
  MARK_AS_READ,
  DISCONNECT,
  COUNT_PUSH_SUBSCRIPTIONS,
];
