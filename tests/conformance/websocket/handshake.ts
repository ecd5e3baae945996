/** RFC 6455, section 4: the server's side of the opening handshake. */

import type { Case } from "../case.ts";
import { Answer } from "../client/answer.ts";
import { equal, expect, match } from "../client/expect.ts";
import type { HeaderValues } from "../client/request_options.ts";
import type { RawWebSocket } from "../client/raw_websocket.ts";
import type { TestedServer } from "../tested_server.ts";

async function upgrade(server: TestedServer, headers: HeaderValues): Promise<RawWebSocket | Answer> {
  const credential = await server.credential(server.name());
  return await server.upgrade("/v1/connect", {
    ...credential,
    headers: { ...credential.headers, ...headers },
  });
}

export const HANDSHAKE: readonly Case[] = [
  {
    rule: "RFC6455-4.2.2",
    title:
      "The answer is 101, with Upgrade, Connection and the Sec-WebSocket-Accept of the example in section 1.3",
    run: async (server) => {
      const { handshake } = await server.unwelcomed(server.name());
      match(handshake.header("upgrade"), { is: /^websocket$/i, in: "Upgrade" });
      match(handshake.header("connection"), { is: /\bupgrade\b/i, in: "Connection" });
      equal(handshake.header("sec-websocket-accept"), {
        is: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        in: "Sec-WebSocket-Accept",
      });
    },
  },
  {
    rule: "RFC6455-4.2.2",
    title: "Sec-WebSocket-Accept is the SHA-1 of another key, too",
    run: async (server) => {
      const key = crypto.getRandomValues(new Uint8Array(16)).toBase64();
      const socket = await upgrade(server, { "sec-websocket-key": key });
      const text = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", text)).toBase64();
      const answer = socket instanceof Answer ? socket : socket.handshake;
      equal(answer.header("sec-websocket-accept"), { is: hash, in: "Sec-WebSocket-Accept" });
    },
  },
  {
    rule: "RFC6455-4.2.1",
    title: "The names and values of the upgrade are compared without their case",
    run: async (server) => {
      const headers = { upgrade: "WebSocket", connection: "UPGRADE" };
      const socket = await upgrade(server, headers);
      expect(!(socket instanceof Answer), "an upgrade to WebSocket was refused");
    },
  },
  {
    rule: "RFC6455-4.2.1",
    title: "An upgrade without a Sec-WebSocket-Key is refused with 400",
    run: async (server) => {
      const answer = await upgrade(server, { "sec-websocket-key": null });
      expect(answer instanceof Answer, "an upgrade without a key was accepted");
      answer.is(400);
    },
  },
  {
    rule: "RFC6455-4.2.1",
    title: "A Sec-WebSocket-Key that is not the base64 of 16 bytes is refused",
    run: async (server) => {
      for (const key of ["", "short", "!".repeat(24), btoa("x".repeat(17))]) {
        const answer = await upgrade(server, { "sec-websocket-key": key });
        expect(answer instanceof Answer, `an upgrade with the key "${key}" was accepted`);
        answer.is(400);
      }
    },
  },
  {
    rule: "RFC6455-4.4",
    title: "Another version is refused with 426, and Sec-WebSocket-Version names 13",
    run: async (server) => {
      for (const version of ["8", "14"]) {
        const answer = await upgrade(server, { "sec-websocket-version": version });
        expect(answer instanceof Answer, `version ${version} was accepted`);
        answer.is(426);
        equal(answer.header("sec-websocket-version"), { is: "13", in: "Sec-WebSocket-Version" });
      }
    },
  },
  {
    rule: "RFC6455-4.2.1",
    title: "A handshake by another method than GET is refused",
    run: async (server) => {
      const { headers, query } = await server.credential(server.name());
      await server.socket("/v1/connect", { headers, query }); // the same is accepted by GET
      const answer = await server.raw(`/v1/connect?${new URLSearchParams(query)}`, {
        method: "POST",
        headers: {
          ...headers,
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
      });
      expect(answer.status >= 400 && answer.status < 500, `a POST is answered with ${answer.status}`);
    },
  },
  {
    rule: "RFC6455-9.1",
    title: "The server uses no extension that was not offered, and none that it does not know",
    run: async (server) => {
      for (const offer of [null, "x-unknown", "permessage-deflate; unknown=1"]) {
        const socket = await upgrade(server, { "sec-websocket-extensions": offer });
        expect(!(socket instanceof Answer), "the upgrade was refused");
        equal(socket.handshake.header("sec-websocket-extensions"), { is: null, in: "the extensions" });
      }
    },
  },
];
