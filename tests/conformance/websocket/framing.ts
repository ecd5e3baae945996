/** RFC 6455, sections 5.1 and 5.2: masking and framing. Autobahn's groups 1, 3 and 4. */

import type { Case } from "../case.ts";
import { equal, expect } from "../client/expect.ts";
import { encodeFrame, OPCODE } from "../client/frame.ts";
import { EchoSocket } from "./echo_socket.ts";

const PROTOCOL_ERROR = 1002;

export const FRAMING: readonly Case[] = [
  {
    rule: "RFC6455-5.1",
    title: "A frame that is not masked fails the connection",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.text, { payload: echo.message("unmasked"), mask: null });
      await echo.expectFailure(PROTOCOL_ERROR);
    },
  },
  {
    rule: "RFC6455-5.1",
    title: "A control frame that is not masked fails the connection",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.ping, { payload: "x", mask: null });
      await echo.expectFailure(PROTOCOL_ERROR);
    },
  },
  {
    rule: "RFC6455-5.1",
    title: "The server masks no frame, and sets no reserved bit",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.ping, { payload: "x" });
      await echo.socket.send(OPCODE.text, { payload: echo.message("x") });
      for (let count = 0; count < 3; count++) {
        if (count === 2) await echo.socket.send(OPCODE.close); // after both answers
        const frame = await echo.socket.receive();
        equal([frame?.isMasked, frame?.rsv], { is: [false, 0], in: "the mask bit and the reserved bits" });
      }
    },
  },
  {
    rule: "RFC6455-5.3",
    title: "Payloads are unmasked by any mask",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      for (const mask of [[0, 0, 0, 0], [255, 255, 255, 255], [1, 2, 3, 4], [0x22, 0, 0x80, 0x7b]]) {
        await echo.socket.send(OPCODE.text, { payload: echo.message(mask.join()), mask });
        await echo.expectEcho(mask.join());
      }
    },
  },
  {
    rule: "RFC6455-5.2",
    title: "Messages of any length are read, whatever form of the length they need (Autobahn 1.1)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      for (const length of [125, 126, 127, 128, 1_000, 65_535, 65_536]) {
        const bytes = new Uint8Array(length).fill(0x20);
        bytes.set(echo.message("x"));
        if (echo.message("x").length > length) {
          bytes.set(new TextEncoder().encode('{"type":"ping"}  '.padEnd(length)));
        }
        await echo.socket.send(OPCODE.text, { payload: bytes });
        const [message] = await echo.socket.messages();
        expect(
          message?.ref === "x" || message?.type === "pong",
          `a message of ${length} bytes was not understood`,
        );
      }
    },
  },
  {
    rule: "RFC6455-5.2",
    title: "A frame may come in pieces of any size, and several in one piece (Autobahn 1.1.8, 2.6, 2.11)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      const frame = encodeFrame({ opcode: OPCODE.text, payload: echo.message("pieces") });
      for (const byte of frame) await echo.socket.sendBytes(new Uint8Array([byte]));
      await echo.expectEcho("pieces");
      const three = ["1", "2", "3"].map((text) =>
        encodeFrame({ opcode: OPCODE.text, payload: echo.message(text) })
      );
      await echo.socket.sendBytes(new Uint8Array(await new Blob(three).arrayBuffer()));
      for (const text of ["1", "2", "3"]) await echo.expectEcho(text);
    },
  },
  {
    rule: "RFC6455-5.2",
    title: "A reserved bit without an extension fails the connection (Autobahn 3.1 to 3.7)",
    run: async (server) => {
      for (let rsv = 1; rsv < 8; rsv++) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(OPCODE.text, { payload: echo.message(`rsv ${rsv}`), rsv });
        await echo.expectFailure(PROTOCOL_ERROR);
      }
    },
  },
  {
    rule: "RFC6455-5.2",
    title: "A reserved bit in a control frame fails the connection (Autobahn 3.6, 3.7)",
    run: async (server) => {
      for (const opcode of [OPCODE.ping, OPCODE.pong]) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(opcode, { payload: "x", rsv: 4 });
        await echo.expectFailure(PROTOCOL_ERROR);
      }
    },
  },
  ...[
    { kind: "data", opcodes: [3, 4, 5, 6, 7], autobahn: "4.1" },
    { kind: "control", opcodes: [11, 12, 13, 14, 15], autobahn: "4.2" },
  ].map(({ kind, opcodes, autobahn }): Case => ({
    rule: "RFC6455-5.2",
    title: `A reserved opcode of ${kind} frames fails the connection (Autobahn ${autobahn})`,
    run: async (server) => {
      for (const opcode of opcodes) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(opcode, { payload: opcode % 2 === 0 ? "" : "x" });
        await echo.expectFailure(PROTOCOL_ERROR);
      }
    },
  })),
  {
    rule: "RFC6455-5.2",
    title: "A length whose most significant bit is set fails the connection",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.sendBytes(new Uint8Array([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]));
      await echo.expectFailure(PROTOCOL_ERROR, 1009);
    },
  },
  {
    rule: "RFC6455-10.4",
    title: "A frame that announces a terabyte fails the connection",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.sendBytes(new Uint8Array([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
      await echo.expectFailure(PROTOCOL_ERROR, 1009);
    },
  },
];
