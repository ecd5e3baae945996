/** What a browser asks of the service. */

import { ReceivedRequest } from "../wire/protocol.ts";
import { Position } from "./answers.ts";
import type { Operation, Parameter } from "./operation.ts";

const AFTER: Parameter = {
  in: "query",
  name: "after",
  description: "Go on after this position; without it, with what is new",
  schema: Position,
};

const CONNECT: Operation = {
  method: "get",
  path: "/v1/connect",
  id: "connect",
  asker: "subscriber",
  summary: "Open a WebSocket",
  description:
    `What goes over it is in \`/asyncapi.json\`. The token may also be the subprotocol \`tidings.bearer.TOKEN\`, next
to \`tidings.v1\`. Why an upgrade is refused, a browser is not told: a \`fetch\` of the same URL says it, with 426 if
nothing else is wrong.`,
  parameters: [AFTER],
  answers: [{ status: 101, description: "The connection is a WebSocket now" }],
  problems: [
    "bad-request",
    "not-authorized",
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
  asker: "subscriber",
  summary: "Open a stream of Server-Sent Events",
  description:
    `The same messages as over a WebSocket: the \`data\` of an event is a frame, its \`id\` the position that the stream
has come to. A last event \`close\` has the code and the reason.`,
  parameters: [AFTER, {
    in: "header",
    name: "Last-Event-ID",
    description: "The same as `after`, from a browser that comes back; counts more",
    schema: Position,
  }],
  answers: [{ status: 200, description: "The stream", type: "text/event-stream" }],
  problems: ["bad-request", "not-authorized", "origin-not-allowed", "too-many-connections", "unavailable"],
};

const RECEIVED: Operation = {
  method: "post",
  path: "/v1/received",
  id: "received",
  asker: "subscriber",
  summary: "Send what a WebSocket would send, from a browser that has none",
  description: "64 KiB at most; 50 at once, then 10 a second. Any node takes it.",
  body: {
    schemas: [ReceivedRequest],
    examples: {
      "An ack": {
        connection: "5f0c7e0e-6a0b-4d0e-9f7e-3f1d1f0a7b11",
        messages: [{ type: "ack", ids: ["duel-1"] }],
      },
    },
  },
  answers: [{ status: 204, description: "It was taken" }],
  problems: [
    "bad-request",
    "not-json",
    "not-authorized",
    "origin-not-allowed",
    "not-found",
    "too-large",
    "does-not-fit",
    "too-many-requests",
    "unavailable",
  ],
};

const CLIENT: Operation = {
  method: "get",
  path: "/client.js",
  id: "client",
  asker: "anyone",
  summary: "Load the browser SDK",
  description: 'An ES module: `import { connect } from "https://push.example.com/client.js"`.',
  answers: [
    { status: 200, description: "The module", type: "text/javascript" },
    { status: 304, description: "It is the one that `If-None-Match` names" },
  ],
  problems: [],
};

export const SUBSCRIBER_OPERATIONS: readonly Operation[] = [CONNECT, EVENTS, RECEIVED, CLIENT];
