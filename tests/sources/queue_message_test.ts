/** QueueMessage: what is read of a message of JetStream, and how it is answered. */

import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { MsgImpl } from "@nats-io/nats-core/internal";
import { Problem } from "../../src/problem.ts";
import { QueueMessage } from "../../src/sources/queue_message.ts";
import { bytes } from "./queue_desk.ts";

const TO = "$JS.ACK.tidings-queue.tidings.3.17.21.1767225600123456789.5";

/** The message, and the answers that it was given, as they were sent. */
function message(data: Uint8Array, { to = TO, headers = "" }: { to?: string; headers?: string } = {}) {
  const answers: string[] = [];
  const hdr = headers === "" ? -1 : bytes(headers).length;
  const all = Buffer.concat([bytes(headers), data]);
  const received = new MsgImpl(
    { subject: bytes("tidings-queue.in"), reply: bytes(to), sid: 1, hdr, size: all.length },
    all,
    {
      publish: (subject, answer) =>
        void answers.push(`${subject} ${new TextDecoder().decode(bytesOf(answer))}`),
    },
  );
  return { message: new QueueMessage(received), answers };
}

function bytesOf(payload: string | Uint8Array | undefined): Uint8Array {
  return typeof payload === "string" ? bytes(payload) : payload ?? new Uint8Array();
}

Deno.test("QueueMessage knows its place and how often it was delivered, from servers of any age", () => {
  const { message: old } = message(bytes("1"));
  const newer = "$JS.ACK.hub.ACCOUNT.tidings-queue.tidings.4.17.30.1767225600123456789.2.random";
  const { message: young } = message(bytes("1"), { to: newer });
  assertEquals([old.sequence, old.deliveries], [17, 3]);
  assertEquals([young.sequence, young.deliveries], [17, 4]);
  assertEquals(young.key, old.key);
  assertMatch(old.key, /^[\w-]{22}$/);
});

Deno.test("QueueMessage has another key at another place, or in another stream of the same name", () => {
  const { message: { key } } = message(bytes("1"));
  for (const [from, to] of [[".17.", ".18."], ["6789.", "6788."], ["tidings-queue", "other"]] as const) {
    assertNotEquals(message(bytes("1"), { to: TO.replace(from, to) }).message.key, key);
  }
});

Deno.test("QueueMessage has the key that its publisher named it by, if that is not empty", () => {
  const keyOf = (id: string) =>
    message(bytes("1"), { headers: `NATS/1.0\r\nNats-Msg-Id: ${id}\r\n\r\n` }).message.key;
  assertEquals(keyOf("theirs"), "theirs");
  assertEquals(keyOf(""), message(bytes("1")).message.key);
});

Deno.test("QueueMessage has a text of 1 MiB of UTF-8 at most", () => {
  const most = "ß".repeat(512 * 1024);
  assertEquals(message(bytes(most)).message.text, most);
  for (
    const [data, kind] of [
      [bytes(`${most}a`), "too-large"],
      [Uint8Array.of(0xc3), "bad-request"],
      [Uint8Array.of(0xed, 0xa0, 0x80), "bad-request"],
    ] as const
  ) {
    assertEquals(assertThrows(() => message(data).message.text, Problem).kind, kind);
  }
});

Deno.test("QueueMessage has its data without the headers, and a size with them", () => {
  const headers = "NATS/1.0\r\na: b\r\n\r\n";
  const { message: { data, size } } = message(bytes("body"), { headers });
  assertEquals(new TextDecoder().decode(data), "body");
  assertEquals(size, `tidings-queue.in${TO}${headers}body`.length);
});

Deno.test("QueueMessage answers as JetStream understands it", () => {
  const { message: received, answers } = message(bytes("1"));
  received.ack();
  received.term();
  received.nak();
  received.nak(1_500);
  assertEquals(answers, [
    `${TO} +ACK`,
    `${TO} +TERM`,
    `${TO} -NAK {"delay":0}`,
    `${TO} -NAK {"delay":1500000000}`,
  ]);
});
