/** The operations for browsers. */

import { z } from "zod";
import { ReceivedRequest } from "../wire/protocol.ts";
import type { Operation, Parameter } from "./operation.ts";
import { NEXT_POSITION, POSITION } from "./examples.ts";
import { ClientModule, EventStream } from "./bodies.ts";
import { InboxPage } from "./messages.ts";
import { PUSH_OPERATIONS } from "./push_operations.ts";
import { After, Position } from "./responses.ts";

const AFTER: Parameter = {
  in: "query",
  name: "after",
  description:
    "Resume after this position, or start with the oldest notification that is kept; without it, only new notifications arrive",
  schema: After,
};

const CONNECT: Operation = {
  method: "get",
  path: "/v1/connect",
  id: "connect",
  caller: "subscriber",
  summary: "Open a WebSocket",
  description:
    `The messages are described in \`asyncapi.json\`, beside this document. The token may also be sent as the
subprotocol \`tidings.bearer.TOKEN\`, together with \`tidings.v1\`. Browsers hide why an upgrade was refused. A \`fetch\`
of the same URL shows the reason, and is answered with 426 if nothing else is wrong.`,
  parameters: [AFTER],
  responses: [{ status: 101, description: "The connection is now a WebSocket" }],
  problems: [
    "bad-request",
    "not-authorized",
    "revoked",
    "origin-not-allowed",
    "upgrade-required",
    "too-many-connections",
    "unavailable",
  ],
};

const EVENTS: Operation = {
  method: "get",
  path: "/v1/events",
  id: "events",
  caller: "subscriber",
  summary: "Open a stream of Server-Sent Events",
  description:
    `The stream has the same messages as a WebSocket. The \`data\` of an event is a frame, and its \`id\` is the
position that the stream has reached. The last event, \`close\`, contains the close code and the reason.`,
  parameters: [AFTER, {
    in: "header",
    name: "Last-Event-ID",
    description: "Overrides `after`; browsers send it when they reconnect",
    schema: Position,
  }],
  responses: [{
    status: 200,
    description: "The stream",
    schema: EventStream,
    mediaType: "text/event-stream",
  }],
  problems: [
    "bad-request",
    "not-authorized",
    "revoked",
    "origin-not-allowed",
    "too-many-connections",
    "unavailable",
  ],
};

const RECEIVED: Operation = {
  method: "post",
  path: "/v1/received",
  id: "sendMessages",
  caller: "subscriber",
  summary: "Send messages beside an event stream",
  description:
    "These are the messages that a WebSocket would send. A body is limited to 64 KiB. A connection may send 50 requests at once, and then 10 a second. Any node accepts them.",
  body: {
    schema: ReceivedRequest,
    examples: {
      "An ack": {
        connection: "5f0c7e0e-6a0b-4d0e-9f7e-3f1d1f0a7b11",
        messages: [{ type: "ack", ids: ["duel-1"] }],
      },
      "A mark": {
        connection: "5f0c7e0e-6a0b-4d0e-9f7e-3f1d1f0a7b11",
        messages: [{ type: "read", positions: [POSITION], ref: "1" }],
      },
    },
  },
  responses: [{ status: 204, description: "The messages were accepted" }],
  problems: [
    "bad-request",
    "not-json",
    "not-authorized",
    "revoked",
    "origin-not-allowed",
    "not-found",
    "timeout",
    "too-large",
    "unsupported-encoding",
    "does-not-fit",
    "too-many-requests",
    "unavailable",
  ],
};

const INBOX: Operation = {
  method: "get",
  path: "/v1/inbox",
  id: "readInbox",
  caller: "subscriber",
  summary: "Read the newest notifications, and which of them were read",
  description:
    `For a page that opens fresh. It then connects with \`position\` as \`after\`, and receives everything later, without a
gap and none twice. A page has fewer notifications than \`limit\` if they have more than 256 KiB.`,
  parameters: [{
    in: "query",
    name: "before",
    description: "The position of the last notification of the previous page",
    schema: Position,
    example: NEXT_POSITION,
  }, {
    in: "query",
    name: "limit",
    description: "The maximum number of notifications; 50 if omitted",
    schema: z.int().min(1).max(200),
    example: 20,
  }],
  responses: [{
    status: 200,
    description: "A page",
    schema: InboxPage,
    example: {
      target: "alexander",
      unread: 1,
      position: NEXT_POSITION,
      through: null,
      notifications: [{
        id: "duel-1",
        position: POSITION,
        at: "2026-07-04T09:00:00.000Z",
        data: { title: "Hello, Alexander Hamilton!" },
        read: false,
      }],
      more: false,
    },
  }],
  problems: ["bad-request", "not-authorized", "revoked", "origin-not-allowed", "unavailable"],
};

/** Each module of the SDK is served in the same way. */
function moduleOperation(
  { path, id, summary, description }: Pick<Operation, "path" | "id" | "summary" | "description">,
): Operation {
  return {
    method: "get",
    path,
    id,
    caller: "anyone",
    summary,
    description,
    responses: [
      { status: 200, description: "The module", schema: ClientModule, mediaType: "text/javascript" },
      { status: 304, description: "The module has not changed since the version in `If-None-Match`" },
    ],
    problems: ["bad-request"],
  };
}

const MODULES = [
  moduleOperation({
    path: "/client.js",
    id: "clientScript",
    summary: "Load the browser SDK",
    description: 'An ES module: `import { connect } from "https://push.example.com/client.js"`.',
  }),
  moduleOperation({
    path: "/tab_election.js",
    id: "tabElectionScript",
    summary: "Load what tabs share a connection with",
    description: "An ES module, which `/client.js` imports if its option `share` is set.",
  }),
  moduleOperation({
    path: "/inbox.js",
    id: "inboxScript",
    summary: "Load the inbox of the browser SDK",
    description: 'An ES module: `import { inbox } from "https://push.example.com/inbox.js"`.',
  }),
  moduleOperation({
    path: "/bell.js",
    id: "bellScript",
    summary: "Load the bell of the browser SDK",
    description: "An ES module that defines the element `<tidings-inbox>`. It imports the other two.",
  }),
  moduleOperation({
    path: "/push.js",
    id: "pushScript",
    summary: "Load Web Push of the browser SDK",
    description: 'An ES module: `import { enablePush } from "https://push.example.com/push.js"`.',
  }),
  moduleOperation({
    path: "/push_worker.js",
    id: "pushWorkerScript",
    summary: "Load what a service worker does about pushes",
    description: 'A classic script: `importScripts("https://push.example.com/push_worker.js")`.',
  }),
];

export const SUBSCRIBER_OPERATIONS: readonly Operation[] = [
  CONNECT,
  EVENTS,
  RECEIVED,
  INBOX,
  ...PUSH_OPERATIONS,
  ...MODULES,
];
