/** keyOf and textOf: how a queue message is read. */

import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import type { DeliveryInfo } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { Problem } from "../../../src/wire/problem.ts";
import { keyOf, type KeySource, textOf } from "../../../src/sources/queue/message.ts";
import { bytes } from "./test_queue.ts";

const INFO: DeliveryInfo = {
  domain: "",
  stream: "tidings-queue",
  consumer: "tidings",
  deliveryCount: 3,
  redelivered: true,
  streamSequence: 17,
  deliverySequence: 21,
  timestampNanos: 1_767_225_600_123_456_800, // rounded
  pending: 5,
};
const MESSAGE: KeySource = {
  headers: undefined,
  info: INFO,
  seq: 17,
  timestampNanos: 1_767_225_600_123_456_789n,
};

Deno.test("keyOf is the same for every delivery of a message, from any server", () => {
  const again = { ...INFO, domain: "hub", deliveryCount: 4, deliverySequence: 30, pending: 2 };
  assertEquals(keyOf({ ...MESSAGE, info: again }), keyOf(MESSAGE));
  assertMatch(keyOf(MESSAGE), /^[\w-]{22}$/);
});

Deno.test("keyOf differs for another place in the stream, and for another stream of the same name", () => {
  for (
    const other of [
      { seq: 18 },
      { timestampNanos: MESSAGE.timestampNanos - 1n },
      { info: { ...INFO, stream: "other" } },
    ]
  ) {
    assertNotEquals(keyOf({ ...MESSAGE, ...other }), keyOf(MESSAGE));
  }
});

Deno.test("keyOf is the id that the publisher chose, unless it is empty", () => {
  for (const [id, key] of [["theirs", "theirs"], ["", keyOf(MESSAGE)]] as const) {
    const header = headers();
    header.set("Nats-Msg-Id", id);
    assertEquals(keyOf({ ...MESSAGE, headers: header }), key);
  }
});

Deno.test("textOf accepts at most 1 MiB of UTF-8", () => {
  const max = "ß".repeat(512 * 1024);
  assertEquals(textOf({ data: bytes(max) }), max);
  for (
    const [data, kind] of [
      [bytes(`${max}a`), "too-large"],
      [Uint8Array.of(0xc3), "bad-request"],
      [Uint8Array.of(0xed, 0xa0, 0x80), "bad-request"],
    ] as const
  ) {
    assertEquals(assertThrows(() => textOf({ data }), Problem).kind, kind);
  }
});
