/** The messages of a connection as an AsyncAPI document (3.0), generated from their schemas. */

import { adviceOf, CLOSE } from "../wire/close_codes.ts";
import { BrowserMessage, BrowserMessages } from "../wire/protocol.ts";
import { VERSION } from "../wire/version.ts";
import { oneOf, schemaOf, schemas } from "./components.ts";
import { ServerMessage } from "./messages.ts";
import { Position } from "./responses.ts";

const CONNECTION = { $ref: "#/channels/connection" };

export function asyncapi(): object {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Tidings",
      version: VERSION,
      description: "The messages of a connection. The HTTP routes are in `/openapi.json`.",
      license: { name: "MIT" },
    },
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
          ws: { method: "GET", query: { type: "object", properties: { after: schemaOf(Position) } } },
        },
        "x-close-codes": closeCodes(),
      },
    },
    operations: {
      send: {
        action: "send",
        channel: CONNECTION,
        summary: "The server sends messages to a browser",
        messages: [{ $ref: "#/channels/connection/messages/toBrowser" }],
      },
      receive: {
        action: "receive",
        channel: CONNECTION,
        summary: "A browser sends acks, messages to the application, and pings",
        description:
          "A frame is limited to 64 KiB. A connection may send 50 frames at once, and then 10 a second.",
        messages: [{ $ref: "#/channels/connection/messages/fromBrowser" }],
      },
    },
    components: {
      messages: {
        toBrowser: {
          title: "A frame to the browser",
          summary: "An array of messages, at most 64 KiB unless a single notification is larger",
          payload: { type: "array", minItems: 1, items: schemaOf(ServerMessage) },
        },
        fromBrowser: {
          title: "A frame from the browser",
          summary: "A message, or an array of messages",
          payload: oneOf([BrowserMessage, BrowserMessages]),
        },
      },
      schemas: schemas(),
    },
  };
}

/** The reason of each close code, and what a browser does after it. */
function closeCodes() {
  return Object.values(CLOSE).map(({ code, reason }) => ({ code, reason, then: adviceOf(code) }));
}
