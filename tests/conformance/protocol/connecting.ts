/** Rules C: connecting over WebSocket. */

import type { Case } from "../case.ts";
import { Answer } from "../client/answer.ts";
import { equal, expect, fail, match } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import type { TestedServer } from "../tested_server.ts";

/** Asks for a connection, and fails unless it is refused. */
async function refused(
  server: TestedServer,
  { query = {}, headers = {} }: {
    query?: Readonly<Record<string, string>>;
    headers?: Readonly<Record<string, string | null>>;
  },
): Promise<Answer> {
  const credential = await server.credential(server.name());
  const answer = await server.upgrade("/v1/connect", {
    query: { ...credential.query, ...query },
    headers: { ...credential.headers, ...headers },
  });
  return answer instanceof Answer ? answer : fail("the connection was accepted");
}

export const CONNECTING: readonly Case[] = [
  {
    rule: "C1",
    title: "What is no upgrade to a WebSocket of version 13 is 426, with Upgrade and Sec-WebSocket-Version",
    run: async (server) => {
      for (
        const headers of [{ upgrade: null, connection: null }, { upgrade: "h2c" }, {
          "sec-websocket-version": "8",
        }]
      ) {
        const answer = await refused(server, { headers });
        answer.isProblem(426, "upgrade-required");
        match(answer.header("upgrade"), { is: /^websocket$/i, in: "Upgrade" });
        equal(answer.header("sec-websocket-version"), { is: "13", in: "Sec-WebSocket-Version" });
      }
    },
  },
  {
    rule: "C2",
    title: "The server refuses before the upgrade",
    run: async (server) => {
      (await refused(server, { headers: { origin: "https://foreign.example" } })).isProblem(
        403,
        "origin-not-allowed",
      );
      (await refused(server, { headers: { authorization: "Bearer wrong" } })).isProblem(
        401,
        "not-authorized",
      );
      (await refused(server, { query: { after: "no" } })).isProblem(400, "bad-request");
    },
  },
  {
    rule: "C3",
    title: "Of subprotocols, tidings.v1 must be offered and is chosen, and never the one with the token",
    run: async (server) => {
      const { headers, query } = await server.credential(server.name());
      const token = headers["authorization"]?.replace("Bearer ", "tidings.bearer.");
      for (
        const offer of [
          "tidings.v1",
          "other, tidings.v1",
          ...token === undefined ? [] : [`${token}, tidings.v1`],
        ]
      ) {
        const all = token === undefined || offer.includes(token) ? {} : headers;
        const socket = await server.socket("/v1/connect", {
          query,
          headers: { ...all, "sec-websocket-protocol": offer },
        });
        equal(socket.handshake.header("sec-websocket-protocol"), { is: "tidings.v1", in: "the subprotocol" });
      }
      const none = await server.socket("/v1/connect", { query, headers });
      equal(none.handshake.header("sec-websocket-protocol"), {
        is: null,
        in: "the subprotocol if none is offered",
      });
      (await refused(server, { headers: { "sec-websocket-protocol": "other" } })).isProblem(
        400,
        "bad-request",
      );
    },
  },
  {
    rule: "C4",
    title:
      "Without `after`, the stream begins with what is new; what is no position is 400, and both forms are named",
    run: async (server) => {
      const target = server.name();
      await server.accept({ target, data: "old" });
      const tab = await server.tab(target);
      await server.accept({ target, data: "new" });
      equal(await tab.data(1), { is: ["new"], in: "what comes first" });
      const { detail } = (await refused(server, { query: { after: "yesterday" } })).isProblem(
        400,
        "bad-request",
      );
      match(detail, { is: /position.*earliest|earliest.*position/i, in: "`detail`" });
    },
  },
  {
    rule: "C8",
    title: "A target has no more connections than its limit, and may open another when one is gone",
    needs: ["connections"],
    run: async (server) => {
      const target = server.name(), { headers, query } = await server.credential(target);
      const tabs = [];
      for (let n = 0; n < (server.settings.connections ?? 0); n++) tabs.push(await server.tab(target));
      const full = await server.upgrade("/v1/connect", { headers, query });
      expect(full instanceof Answer, "one more than the limit was accepted");
      full.isProblem(429, "too-many-connections");
      match(full.header("retry-after"), { is: /^\d+$/, in: "Retry-After" });
      await tabs[0]?.socket.send(OPCODE.close);
      for (;;) {
        const again = await server.upgrade("/v1/connect", { headers, query });
        if (!(again instanceof Answer)) return;
        again.isProblem(429, "too-many-connections");
      }
    },
  },
  {
    rule: "C9",
    title: "When the token expires, the connection is closed with 4201 within two seconds",
    needs: ["secret"],
    run: async (server) => {
      const target = server.name(), exp = Math.floor(Date.now() / 1000) + 2;
      const headers = { authorization: `Bearer ${await server.token(target, { exp })}` };
      const socket = await server.socket("/v1/connect", { headers });
      equal(await socket.closeCode(), { is: 4201, in: "the close code" });
      expect(Date.now() >= exp * 1000 - 1000, "it was closed before the token had expired");
      expect(Date.now() <= exp * 1000 + 8_000, "it was closed long after the token had expired");
    },
  },
  {
    rule: "C10",
    title: "An idle WebSocket is pinged",
    seconds: 23,
    run: async (server) => {
      const { socket } = await server.tab(server.name());
      const frame = await socket.receive();
      equal(frame?.opcode, { is: OPCODE.ping, in: "the opcode of what comes first" });
    },
  },
  {
    rule: "C10",
    title: "A WebSocket that does not answer pings is given up",
    seconds: 46,
    run: async (server) => {
      const { socket } = await server.tab(server.name());
      while (await socket.receive() !== null);
    },
  },
];
