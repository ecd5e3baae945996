/** What goes over a connection, as an AsyncAPI document (3.0), made of the schemas of its messages. */

import { adviceOf, CLOSE } from "../wire/close_codes.ts";
import { BrowserMessage, BrowserMessages } from "../wire/protocol.ts";
import { Position } from "./answers.ts";
import { oneOf, schemaOf, schemas } from "./components.ts";
import { ServerMessage } from "./messages.ts";

const CONNECTION = { $ref: "#/channels/connection" };

export function asyncapi(): object {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Tidings",
      version: "1",
      description: "What goes over a connection. Everything else is in `/openapi.json`.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    channels: {
      connection: {
        address: "/v1/connect",
        description: "A WebSocket. As Server-Sent Events, the same frames come from `/v1/events`, " +
          "and a browser's go to `/v1/received`.",
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
        summary: "The service hands a browser its stream",
        messages: [{ $ref: "#/channels/connection/messages/toBrowser" }],
      },
      receive: {
        action: "receive",
        channel: CONNECTION,
        summary: "A browser acks, or says something to the application",
        description: "A frame may have 64 KiB; 50 may come at once, then 10 a second.",
        messages: [{ $ref: "#/channels/connection/messages/fromBrowser" }],
      },
    },
    components: {
      messages: {
        toBrowser: {
          title: "A frame to the browser",
          summary: "Messages; 64 KiB at most, unless one notification is larger",
          payload: { type: "array", minItems: 1, items: schemaOf(ServerMessage) },
        },
        fromBrowser: {
          title: "A frame from the browser",
          summary: "A message, or several",
          payload: oneOf([BrowserMessage, BrowserMessages]),
        },
      },
      schemas: schemas(),
    },
  };
}

/** Why a connection is closed, and what a browser is to do then. */
function closeCodes() {
  return Object.values(CLOSE).map(({ code, reason }) => ({ code, reason, then: adviceOf(code) }));
}
