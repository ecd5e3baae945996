/** The messages over WebSockets as an AsyncAPI document (3.0), generated from their schemas. */

import { adviceOf, CLOSE } from "../wire/close_codes.ts";
import { VERSION } from "../wire/version.ts";
import { schemaOf, schemasIn } from "./components.ts";
import { NotifyOneOrMany } from "./bodies.ts";
import { BrowserFrame, ServerFrame } from "./messages.ts";
import { PublishFrame } from "./publish_messages.ts";
import { After } from "./responses.ts";

const CONNECTION = { $ref: "#/channels/connection" };
const PUBLISHER = { $ref: "#/channels/publisher" };

/** AsyncAPI has no relative URLs, so the server has variables. */
const SERVER = {
  host: "{host}",
  pathname: "{path}",
  protocol: "wss",
  description: "The server of this document",
  variables: {
    host: { description: "Its host, with its port if that is not 443", default: "push.example.com" },
    path: { description: "The path that a proxy adds in front, such as `/push`", default: "" },
  },
};

const OPERATIONS = {
  send: {
    action: "send",
    channel: CONNECTION,
    summary: "The server sends messages to a browser",
    description: "The first is `welcome`, alone in its frame.",
    messages: [{ $ref: "#/channels/connection/messages/toBrowser" }],
  },
  receive: {
    action: "receive",
    channel: CONNECTION,
    summary: "A browser sends acks, marks of what was read, messages to the application, and pings",
    description:
      "A frame is limited to 64 KiB. A connection may send 50 frames at once, and then 10 a second.",
    messages: [{ $ref: "#/channels/connection/messages/fromBrowser" }],
  },
  answer: {
    action: "send",
    channel: PUBLISHER,
    summary: "The server answers a publisher",
    description: "The first message is `welcome`, alone in its frame. All answers of a moment share a frame.",
    messages: [{ $ref: "#/channels/publisher/messages/toPublisher" }],
  },
  publish: {
    action: "receive",
    channel: PUBLISHER,
    summary: "A publisher sends notifications",
    description:
      "At most 1,000 notifications and 1 MiB may be unanswered. After a reconnect, the publisher repeats what was not answered, with the same ids.",
    messages: [{ $ref: "#/channels/publisher/messages/fromPublisher" }],
  },
};

export function asyncapi(): object {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Tidings",
      version: VERSION,
      description:
        "The messages over WebSockets. The HTTP routes are in `openapi.json`, beside this document.",
      license: { name: "MIT" },
      tags: [
        { name: "Subscribe", description: "For browsers, which receive notifications" },
        { name: "Publish", description: "For backends, which send notifications to their users" },
      ],
    },
    servers: { tidings: SERVER },
    defaultContentType: "application/json",
    channels: {
      connection: {
        address: "/v1/connect",
        description: "A WebSocket. `/v1/events` sends the same frames as Server-Sent Events, " +
          "and `/v1/received` accepts those of the browser.",
        messages: {
          toBrowser: { $ref: "#/components/messages/toBrowser" },
          fromBrowser: { $ref: "#/components/messages/fromBrowser" },
        },
        bindings: {
          ws: { method: "GET", query: { type: "object", properties: { after: schemaOf(After) } } },
        },
        "x-close-codes": closeCodes(),
      },
      publisher: {
        address: "/v1/publish",
        description:
          "A WebSocket for publishers. The publisher key needs the scope `publish`, and is `Authorization: Bearer KEY`, or the " +
          "subprotocol `tidings.key.` and the key in base64url, beside `tidings.publish.v1`.",
        messages: {
          toPublisher: { $ref: "#/components/messages/toPublisher" },
          fromPublisher: { $ref: "#/components/messages/fromPublisher" },
        },
        bindings: { ws: { method: "GET" } },
      },
    },
    operations: OPERATIONS,
    components: components(),
  };
}

function components() {
  return {
    messages: {
      toBrowser: {
        title: "A frame to the browser",
        summary: "An array of messages, at most 64 KiB unless a single notification is larger",
        payload: schemaOf(ServerFrame),
      },
      fromBrowser: {
        title: "A frame from the browser",
        summary: "A message, or an array of messages",
        payload: schemaOf(BrowserFrame),
      },
      toPublisher: {
        title: "A frame to a publisher",
        summary: "An array: the welcome, or the answers to the next frames of the publisher, in their order",
        payload: schemaOf(PublishFrame),
      },
      fromPublisher: {
        title: "A frame from a publisher",
        summary: "A notification, or an array of notifications, as `POST /v1/notify` takes them",
        payload: schemaOf(NotifyOneOrMany),
      },
    },
    schemas: schemasIn([ServerFrame, BrowserFrame, PublishFrame, NotifyOneOrMany, After].map(schemaOf)),
  };
}

/** The reason of each close code, and what a browser does after it. */
function closeCodes() {
  return Object.values(CLOSE).map(({ code, reason }) => ({ code, reason, then: adviceOf(code) }));
}
