/** What a backend asks of the service. */

import { z } from "zod";
import { Id, Notify, NotifyMany, Target, TokenRequest } from "../wire/protocol.ts";
import {
  Accepted,
  AcceptedMany,
  Disconnected,
  Position,
  Report,
  Reports,
  TargetConnections,
  Token,
} from "./answers.ts";
import { KeptNotifications } from "./messages.ts";
import type { Operation, Parameter } from "./operation.ts";

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
const REPORT = { id: ID, accepted_at: "2026-07-04T09:00:00.000Z", sent: 3, acked: 3, first_ack_ms: 12 };
const BODY = ["bad-request", "not-json", "too-large", "does-not-fit"] as const;

const NOTIFY: Operation = {
  method: "post",
  path: "/v1/notify",
  id: "notify",
  asker: "publisher",
  summary: "Send a notification, or an array of up to 1,000",
  description:
    `It is on every tab that its target has open, and kept for those that come back. The answer is 202 when
everything of the request is kept; if anything does not fit, nothing is. Of a request with an id that was used for
something else, the other notifications are. A request may have 1 MiB, and come to 10,000 targets in all.

Repeat a request that was not answered, or was answered 503, with the same ids: what was kept is known, and not
delivered again.`,
  parameters: [
    {
      in: "header",
      name: "Idempotency-Key",
      description: 'Stands in for the id, as `"KEY"`; for those of an array as KEY.0, KEY.1, …',
      schema: z.string(),
    },
    {
      in: "header",
      name: "Prefer",
      description:
        "`wait=SECONDS`, 60 at most: be answered 200, with the report, when everybody who is there has acked",
      schema: z.string(),
      example: "wait=5",
    },
  ],
  body: {
    schemas: [Notify, NotifyMany],
    examples: {
      "To a target": { target: "alexander", data: { title: "Hello, Alexander Hamilton!" } },
      "To several, for an hour": { targets: ["alexander", "burr"], data: { title: "At dawn" }, ttl: 3600 },
      "To everyone": { everyone: true, data: { title: "The bank is open" }, urgency: "low" },
      "The newest of a topic": { target: "alexander", data: { unread: 4 }, topic: "unread" },
      "Several in one request": [
        { target: "alexander", data: 1, id: "duel-1" },
        { target: "burr", data: 2, id: "duel-2" },
      ],
    },
  },
  answers: [
    { status: 202, description: "Everything is kept", schemas: [Accepted, AcceptedMany], example: ACCEPTED },
    {
      status: 200,
      description: "What `Prefer: wait` waited for, or as far as it came",
      schemas: [Report, Reports],
      headers: { "Preference-Applied": "`wait=SECONDS`" },
      example: REPORT,
    },
  ],
  problems: ["not-authorized", ...BODY, "id-conflict", "unavailable"],
};

const DELIVERY_REPORT: Operation = {
  method: "get",
  path: "/v1/notifications/{id}",
  id: "deliveryReport",
  asker: "publisher",
  summary: "Read whom a notification has reached",
  description:
    "Summed over all nodes. Reports are in memory: of the latest 65,536 notifications, for an hour at most.",
  parameters: [{ in: "path", name: "id", description: "Percent-encoded", schema: Id, example: ID }],
  answers: [{ status: 200, description: "The report", schemas: [Report], example: REPORT }],
  problems: ["bad-request", "not-authorized", "not-found", "unavailable"],
};

const TARGET_CONNECTIONS: Operation = {
  method: "get",
  path: "/v1/targets/{target}",
  id: "target",
  asker: "publisher",
  summary: "List the connections that a target has, on all nodes",
  description: "None, if nobody is there: no target is unknown.",
  parameters: [TARGET],
  answers: [{
    status: 200,
    description: "The connections",
    schemas: [TargetConnections],
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
  id: "keptNotifications",
  asker: "publisher",
  summary: "Read what is kept for a target, page by page",
  description: "As its browsers get it, oldest first, with what is for everyone.",
  parameters: [TARGET, {
    in: "query",
    name: "after",
    description: "`next` of the page before",
    schema: Position,
    example: POSITION,
  }],
  answers: [{
    status: 200,
    description: "A page",
    schemas: [KeptNotifications],
    example: {
      target: "alexander",
      notifications: [{
        type: "notification",
        id: ID,
        position: NEXT_POSITION,
        at: "2026-07-04T09:00:00.000Z",
        data: { title: "Hello, Alexander Hamilton!" },
      }],
      next: NEXT_POSITION,
      more: false,
    },
  }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const DISCONNECT: Operation = {
  method: "delete",
  path: "/v1/targets/{target}/connections",
  id: "disconnect",
  asker: "publisher",
  summary: "Close a target's connections, not to come back",
  description: "What was accepted before is sent first. Its tokens stay valid: let nobody have a new one.",
  parameters: [TARGET],
  answers: [{ status: 200, description: "They are closed", schemas: [Disconnected], example: { closed: 3 } }],
  problems: ["bad-request", "not-authorized", "unavailable"],
};

const TOKENS: Operation = {
  method: "post",
  path: "/v1/tokens",
  id: "token",
  asker: "publisher",
  summary: "Make a token that a browser connects with",
  description: "For whoever is signed in at your backend. Signed with `TIDINGS_TOKEN_SECRET`.",
  body: { schemas: [TokenRequest], examples: { "For an hour": { target: "alexander", expires_in: 3600 } } },
  answers: [{
    status: 200,
    description: "The token",
    schemas: [Token],
    example: { token: "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", expires_at: "2026-07-04T10:00:00.000Z" },
  }],
  problems: ["not-authorized", ...BODY, "not-here"],
};

export const PUBLISHER_OPERATIONS: readonly Operation[] = [
  NOTIFY,
  DELIVERY_REPORT,
  TARGET_CONNECTIONS,
  KEPT_NOTIFICATIONS,
  DISCONNECT,
  TOKENS,
];
