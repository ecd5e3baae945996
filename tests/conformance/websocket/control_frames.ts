/** RFC 6455, section 5.5: pings, pongs, and what all control frames have in common. Autobahn's group 2. */

import type { Case } from "../case.ts";
import { equal } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import { EchoSocket } from "./echo_socket.ts";

const PROTOCOL_ERROR = 1002;

export const CONTROL_FRAMES: readonly Case[] = [
  {
    rule: "RFC6455-5.5.2",
    title: "A ping is answered with a pong that has its payload (Autobahn 2.1 to 2.4)",
    run: async (server) => {
      const { socket } = await EchoSocket.open(server);
      const binary = new Uint8Array([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
      for (const payload of ["", "Hello", binary, "*".repeat(125)]) {
        await socket.send(OPCODE.ping, { payload });
        const pong = await socket.receive();
        const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
        equal([pong?.opcode, pong?.fin, [...pong?.payload ?? []]], {
          is: [OPCODE.pong, true, [...bytes]],
          in: "the answer",
        });
      }
    },
  },
  {
    rule: "RFC6455-5.5.2",
    title: "Of ten pings at once, the last is answered, and others in order (Autobahn 2.10)",
    run: async (server) => {
      const { socket } = await EchoSocket.open(server);
      for (let n = 0; n < 10; n++) await socket.send(OPCODE.ping, { payload: `${n}` });
      // Section 5.5.3 allows a pong for the latest ping alone.
      for (let last = -1; last < 9;) {
        const pong = await socket.receive(), n = Number(new TextDecoder().decode(pong?.payload));
        equal([pong?.opcode, n > last], { is: [OPCODE.pong, true], in: `the answer to ping ${n}` });
        last = n;
      }
    },
  },
  {
    rule: "RFC6455-5.5.3",
    title: "A pong that nobody asked for is ignored (Autobahn 2.7 to 2.9)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.pong);
      await echo.socket.send(OPCODE.pong, { payload: "unsolicited" });
      await echo.expectAlive();
    },
  },
  ...[
    { what: "ping", opcode: OPCODE.ping, note: " (Autobahn 2.5)" },
    { what: "pong", opcode: OPCODE.pong, note: "" },
  ].map(({ what, opcode, note }): Case => ({
    rule: "RFC6455-5.5",
    title: `A ${what} of more than 125 bytes fails the connection${note}`,
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(opcode, { payload: "*".repeat(126) });
      await echo.expectFailure(PROTOCOL_ERROR);
    },
  })),
  {
    rule: "RFC6455-5.5",
    title: "A fragmented control frame fails the connection (Autobahn 5.1, 5.2)",
    run: async (server) => {
      for (const opcode of [OPCODE.ping, OPCODE.pong, OPCODE.close]) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(opcode, { payload: opcode === OPCODE.close ? "" : "x", fin: false });
        await echo.expectFailure(PROTOCOL_ERROR);
      }
    },
  },
];
