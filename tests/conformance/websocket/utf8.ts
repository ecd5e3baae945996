/**
 * RFC 6455, section 8.1: text is UTF-8. The sequences are those of Markus Kuhn's UTF-8 decoder test
 * (https://www.cl.cam.ac.uk/~mgk25/ucs/examples/UTF-8-test.txt), as in Autobahn's group 6.
 */

import type { Case } from "../case.ts";
import { expect } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import type { TestedServer } from "../tested_server.ts";
import { EchoSocket } from "./echo_socket.ts";

const INVALID_PAYLOAD = 1007;
const GREEK = "κόσμε";

/** Sequences in hexadecimal, which no server may take for text. */
const INVALID: Readonly<Record<string, readonly string[]>> = {
  "sequences of five and six bytes (Autobahn 6.8, 6.10)": [
    "f888808080",
    "fc8480808080",
    "fbbfbfbfbf",
    "fdbfbfbfbfbf",
  ],
  "code points beyond U+10FFFF (Autobahn 6.10, 6.11)": ["f7bfbfbf", "f4908080"],
  "continuation bytes without a start (Autobahn 6.12)": ["80", "bf", "80bf", "80bf80", "80bf80bf80bf"],
  "starts without a continuation (Autobahn 6.13)": [
    "c020",
    "df20",
    "e020",
    "ef20",
    "f020",
    "f720",
    "f820",
    "fc20",
  ],
  "sequences whose last byte is missing (Autobahn 6.14, 6.15)": [
    "c0",
    "e080",
    "f08080",
    "df",
    "efbf",
    "f0bfbf",
    "ce",
  ],
  "bytes that UTF-8 does not have (Autobahn 6.16)": ["fe", "ff", "fefeffff"],
  "overlong sequences (Autobahn 6.17 to 6.19)": [
    "c0af",
    "e080af",
    "f08080af",
    "c1bf",
    "e09fbf",
    "f08fbfbf",
    "c080",
    "e08080",
  ],
  "surrogates (Autobahn 6.20, 6.21)": [
    "eda080",
    "edadbf",
    "edae80",
    "edafbf",
    "edb080",
    "edbfbf",
    "eda080edb080",
  ],
};

/** Text of the same test that is valid, also what has no character. */
const VALID = [
  "Hello-µ@ßöäüàá-UTF-8!!",
  GREEK,
  "\u00a2\u20ac\u{24b62}",
  "\u0800\u{10000}\u07ff\uffff\u{10ffff}",
  "\ud7ff\ue000\ufffd",
  "\ufffe\uffff\u{1fffe}\u{10fffe}",
  "\ufff9\ufffa\ufffb\ufffc",
];

/** Fails unless a message with these bytes fails the connection. */
async function expectInvalid(server: TestedServer, bytes: Uint8Array): Promise<void> {
  const echo = await EchoSocket.open(server);
  await echo.socket.send(OPCODE.text, { payload: echo.messageOf(bytes) });
  await echo.expectFailure(INVALID_PAYLOAD);
}

export const UTF8: readonly Case[] = [
  {
    rule: "RFC6455-8.1",
    title:
      "Valid UTF-8 is understood, up to U+10FFFF and with code points that are no characters (Autobahn 6.2, 6.5 to 6.9, 6.22)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      for (const text of VALID) {
        await echo.socket.send(OPCODE.text, { payload: echo.message(text) });
        await echo.expectEcho(text);
      }
    },
  },
  {
    rule: "RFC6455-8.1",
    title: "A code point may be cut by fragments (Autobahn 6.2.2 to 6.2.4)",
    run: async (server) => {
      const echo = await EchoSocket.open(server), message = echo.message(GREEK);
      for (const [at, byte] of message.entries()) {
        const opcode = at === 0 ? OPCODE.text : OPCODE.continuation;
        await echo.socket.send(opcode, { payload: new Uint8Array([byte]), fin: at === message.length - 1 });
      }
      await echo.expectEcho(GREEK);
    },
  },
  {
    rule: "RFC6455-8.1",
    title: "An empty message is a message (Autobahn 6.1)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.text);
      const [message] = await echo.socket.messages();
      expect(message?.type === "error", "an empty message has no answer");
      await echo.expectAlive();
    },
  },
  ...Object.entries(INVALID).map(([what, sequences]): Case => ({
    rule: "RFC6455-8.1",
    title: `Text with ${what} fails the connection`,
    run: async (server) => {
      for (const hex of sequences) await expectInvalid(server, Uint8Array.fromHex(hex));
    },
  })),
  {
    rule: "RFC6455-8.1",
    title: "Text that is invalid only together fails the connection, also in fragments (Autobahn 6.3, 6.4)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      const message = echo.messageOf(new Uint8Array([...new TextEncoder().encode(GREEK), 0xed, 0xa0, 0x80]));
      for (let at = 0; at < message.length; at += 10) {
        const opcode = at === 0 ? OPCODE.text : OPCODE.continuation;
        await echo.socket.send(opcode, {
          payload: message.subarray(at, at + 10),
          fin: at + 10 >= message.length,
        });
      }
      await echo.expectFailure(INVALID_PAYLOAD);
    },
  },
  {
    rule: "RFC6455-8.1",
    title: "A message that ends within a code point fails the connection (Autobahn 6.6)",
    run: async (server) => {
      const echo = await EchoSocket.open(server);
      await echo.socket.send(OPCODE.text, { payload: new Uint8Array([0x22, 0xce]) });
      await echo.expectFailure(INVALID_PAYLOAD);
    },
  },
];
