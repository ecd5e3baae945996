/** RFC 6455, sections 5.5.1 and 7: the closing handshake and its codes. Autobahn's group 7. */

import type { Case } from "../case.ts";
import { expect } from "../client/expect.ts";
import { closePayload, OPCODE } from "../client/frame.ts";
import { EchoSocket } from "./echo_socket.ts";

const PROTOCOL_ERROR = 1002;
const INVALID_PAYLOAD = 1007;
const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

export const CLOSING: readonly Case[] = [
  {
    rule: "RFC6455-5.5.1",
    title: "A close is answered with its code, and then the TCP connection ends (Autobahn 7.1.1, 7.3.3, 7.7)",
    run: async (server) => {
      for (const code of VALID_CODES) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(OPCODE.close, { payload: closePayload(code) });
        await echo.expectClose(code);
      }
    },
  },
  {
    rule: "RFC6455-5.5.1",
    title: "A close without a code is answered (Autobahn 7.3.1)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.close);
      const { closeFrame } = await echo.socket.end();
      expect(closeFrame !== null, "it is not answered");
      expect(
        closeFrame.code === null || closeFrame.code === 1000,
        `the answer has the code ${closeFrame.code}`,
      );
      expect(await echo.socket.isEnded(), "the connection goes on");
    },
  },
  {
    rule: "RFC6455-5.5.1",
    title: "A reason of up to 123 bytes is accepted (Autobahn 7.3.4, 7.3.5)",
    run: async (server) => {
      for (const reason of ["Hello!", "*".repeat(123), "ü".repeat(61)]) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(OPCODE.close, { payload: closePayload(1000, reason) });
        await echo.expectClose(1000);
      }
    },
  },
  ...[
    { what: "half a code", payload: new Uint8Array([3]), autobahn: "7.3.2" },
    { what: "a reason of 124 bytes", payload: closePayload(1000, "*".repeat(124)), autobahn: "7.3.6" },
  ].map(({ what, payload, autobahn }): Case => ({
    rule: "RFC6455-5.5.1",
    title: `A close with ${what} fails the connection (Autobahn ${autobahn})`,
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.close, { payload });
      await echo.expectFailure(PROTOCOL_ERROR);
    },
  })),
  {
    rule: "RFC6455-5.5.1",
    title: "A reason that is not UTF-8 fails the connection (Autobahn 7.5.1)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      const reason = new Uint8Array([0xce, 0xba, 0xed, 0xa0, 0x80]);
      await echo.socket.send(OPCODE.close, { payload: closePayload(1000, reason) });
      await echo.expectFailure(PROTOCOL_ERROR, INVALID_PAYLOAD);
    },
  },
  {
    rule: "RFC6455-7.4",
    title: "A code that may not be in a frame fails the connection (Autobahn 7.9, 7.13)",
    run: async (server) => {
      for (const code of INVALID_CODES) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(OPCODE.close, { payload: closePayload(code) });
        const { closeFrame } = await echo.expectFailure(PROTOCOL_ERROR);
        expect(closeFrame?.code !== code, `the code ${code} was repeated`);
      }
    },
  },
  {
    rule: "RFC6455-5.5.1",
    title: "Nothing is answered that follows a close (Autobahn 7.1.2 to 7.1.4)",
    run: async (server) => {
      for (const opcode of [OPCODE.close, OPCODE.ping, OPCODE.text]) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(OPCODE.close, { payload: closePayload(1000) });
        await echo.socket.send(opcode, { payload: opcode === OPCODE.text ? echo.message("late") : "" });
        for (let frame = await echo.socket.receive(); frame !== null; frame = await echo.socket.receive()) {
          expect(
            frame.opcode === OPCODE.close,
            `a frame with the opcode ${frame.opcode} was sent after the close`,
          );
        }
      }
    },
  },
  {
    rule: "RFC6455-5.5.1",
    title: "A close between fragments is answered, and the message is dropped (Autobahn 7.1.5)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.text, { payload: echo.message("never complete"), fin: false });
      await echo.socket.send(OPCODE.close, { payload: closePayload(1000) });
      await echo.expectClose(1000);
    },
  },
  {
    rule: "RFC6455-7.1.1",
    title: "When the client has answered the server's close, the server ends the TCP connection",
    run: async (server) => {
      const target = server.name(), { socket } = await server.tab(target);
      await server.publisher(`/v1/targets/${target}/connections`, { method: "DELETE" });
      const code = await socket.closeCode() ?? 1000;
      await socket.send(OPCODE.close, { payload: closePayload(code) });
      expect(await socket.isEnded(), "the server sends more after its close frame");
    },
  },
];
