/** keyOf and textOf: what is read of a message of the queue. */

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

Deno.test("keyOf gives the same key however often, and by whichever server, a message is delivered", () => {
  const again = { ...INFO, domain: "hub", deliveryCount: 4, deliverySequence: 30, pending: 2 };
  assertEquals(keyOf({ ...MESSAGE, info: again }), keyOf(MESSAGE));
  assertMatch(keyOf(MESSAGE), /^[\w-]{22}$/);
});

Deno.test("keyOf gives another key at another place, or in another stream of the same name", () => {
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

Deno.test("keyOf gives the name that the publisher chose, if that is not empty", () => {
  for (const [name, key] of [["theirs", "theirs"], ["", keyOf(MESSAGE)]] as const) {
    const named = headers();
    named.set("Nats-Msg-Id", name);
    assertEquals(keyOf({ ...MESSAGE, headers: named }), key);
  }
});

Deno.test("textOf gives 1 MiB of UTF-8 at most", () => {
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
