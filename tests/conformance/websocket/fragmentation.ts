/** RFC 6455, section 5.4: fragmentation. Autobahn's group 5. */

import type { Case } from "../case.ts";
import { equal } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import { EchoSocket } from "./echo_socket.ts";

const PROTOCOL_ERROR = 1002;

/** Sends a message in fragments of so many bytes. */
async function sendFragments(
  { socket }: EchoSocket,
  { message, size }: { message: Uint8Array; size: number },
): Promise<void> {
  for (let at = 0; at < message.length; at += size) {
    const opcode = at === 0 ? OPCODE.text : OPCODE.continuation;
    await socket.send(opcode, { payload: message.subarray(at, at + size), fin: at + size >= message.length });
  }
}

export const FRAGMENTATION: readonly Case[] = [
  {
    rule: "RFC6455-5.4",
    title: "A message in fragments is joined, whatever their size (Autobahn 5.3 to 5.5)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      for (const size of [1, 2, 50, 100]) {
        await sendFragments(echo, { message: echo.message(`in pieces of ${size}`), size });
        await echo.expectEcho(`in pieces of ${size}`);
      }
    },
  },
  {
    rule: "RFC6455-5.4",
    title: "Fragments may be empty, also the first and the last (Autobahn 6.1.3)",
    run: async (server) => {
      const echo = await EchoSocket.open(server), { socket } = echo;
      await socket.send(OPCODE.text, { fin: false });
      await socket.send(OPCODE.continuation, { payload: echo.message("empty"), fin: false });
      await socket.send(OPCODE.continuation);
      await echo.expectEcho("empty");
    },
  },
  {
    rule: "RFC6455-5.4",
    title: "A ping between fragments is answered before the message (Autobahn 5.6 to 5.8, 5.19, 5.20)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      const message = echo.message("with pings");
      await echo.socket.send(OPCODE.text, { payload: message.subarray(0, 20), fin: false });
      for (let at = 20; at < message.length; at += 20) {
        await echo.socket.send(OPCODE.ping, { payload: `${at}` });
        const frame = await echo.socket.receive();
        equal([frame?.opcode, new TextDecoder().decode(frame?.payload)], {
          is: [OPCODE.pong, `${at}`],
          in: "what comes between two fragments",
        });
        const payload = message.subarray(at, at + 20);
        await echo.socket.send(OPCODE.continuation, { payload, fin: at + 20 >= message.length });
      }
      await echo.expectEcho("with pings");
    },
  },
  {
    rule: "RFC6455-5.4",
    title: "A continuation without a beginning fails the connection (Autobahn 5.9 to 5.14)",
    run: async (server) => {
      for (const fin of [true, false]) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(OPCODE.continuation, { payload: echo.message("nothing to continue"), fin });
        await echo.expectFailure(PROTOCOL_ERROR);
      }
    },
  },
  {
    rule: "RFC6455-5.4",
    title: "A continuation after a complete message fails the connection (Autobahn 5.15 to 5.17)",
    run: async (server) => {
      const echo = await EchoSocket.open(server), message = echo.message("complete");
      await sendFragments(echo, { message, size: 40 });
      await echo.expectEcho("complete");
      await echo.socket.send(OPCODE.continuation, { payload: message });
      await echo.expectFailure(PROTOCOL_ERROR);
    },
  },
  {
    rule: "RFC6455-5.4",
    title: "A message within the fragments of another fails the connection (Autobahn 5.18)",
    run: async (server) => {
      for (const opcode of [OPCODE.text, OPCODE.binary]) {
        const echo = await EchoSocket.open(server);
        await echo.socket.send(OPCODE.text, { payload: "[", fin: false });
        await echo.socket.send(opcode, { payload: echo.message("within") });
        await echo.expectFailure(PROTOCOL_ERROR);
      }
    },
  },
  {
    rule: "RFC6455-5.4",
    title: "A message in thousands of fragments of one byte is joined (Autobahn 9.3)",
    run: async (server) => {
      const echo = await EchoSocket.open(server), message = new Uint8Array(4_096).fill(0x20);
      message.set(echo.message("many"));
      await sendFragments(echo, { message, size: 1 });
      await echo.expectEcho("many");
    },
  },
];
