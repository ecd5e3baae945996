/** ReadPump: what ends a connection, what is answered, and what goes to the session. */

import { assertEquals, assertThrows } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import { Problem } from "../../src/wire/problem.ts";
import type { BrowserMessage, ServerMessage } from "../../src/wire/protocol.ts";
import { TokenBucket } from "../../src/connection/token_bucket.ts";
import { Inbox } from "../../src/processor/inbox.ts";
import { ReadPump } from "../../src/connection/read_pump.ts";
import { MessageReader, type ReceivedMessage } from "../../src/connection/received.ts";

function bench() {
  const clock = { now: 0 };
  const received = new Channel<ReceivedMessage>(100);
  const told: ServerMessage[] = [], ends: Close[] = [];
  const parts = {
    session: new MessageReader({ id: "c", target: "alexander" }, new Inbox(received, null)),
    pump: { tell: (message: ServerMessage) => void told.push(message) },
    end: (close: Close) => void ends.push(close),
  };
  return { pump: new ReadPump(parts, new TokenBucket(() => clock.now)), clock, received, told, ends };
}

const MESSAGE = '{"type":"message","data":1}';

Deno.test("ReadPump hands frames to the session", () => {
  const { pump, received, told, ends } = bench();
  pump.take(MESSAGE);
  assertEquals([received.size, told, ends], [1, [], []]);
});

for (
  const { what, frame, close } of [
    { what: "a binary frame", frame: new ArrayBuffer(2), close: CLOSE.protocolViolation },
    { what: "a frame over 64 KiB", frame: "x".repeat(65_537), close: CLOSE.tooBig },
    {
      what: "a frame over 64 KiB in UTF-8, though not in characters",
      frame: "é".repeat(32_769),
      close: CLOSE.tooBig,
    },
  ]
) {
  Deno.test(`ReadPump ends with ${close.code} at ${what}`, () => {
    const { pump, received, told, ends } = bench();
    pump.take(frame);
    assertEquals([ends, told, received.size], [[close], [], 0]);
  });
}

Deno.test("ReadPump answers a frame that the session refuses, and goes on", () => {
  const { pump, received, told, ends } = bench();
  pump.take("no JSON");
  pump.take(MESSAGE);
  assertEquals(told.map((message) => message.type === "error" && message.problem.kind), ["not-json"]);
  assertEquals([ends, received.size], [[], 1]);
});

Deno.test("ReadPump takes 64 KiB to the byte", () => {
  const { pump, ends } = bench();
  pump.take(JSON.stringify({ type: "message", data: "" }).replace('""', `"${"x".repeat(65_536 - 28)}"`));
  assertEquals(ends, []);
});

Deno.test("ReadPump lets a burst of 50 frames pass, then 10 a second, and ends with 4101 at more", () => {
  const { pump, clock, received, ends } = bench();
  for (let n = 1; n <= 50; n++) pump.take(MESSAGE);
  clock.now += 1_000;
  for (let n = 1; n <= 10; n++) pump.take(MESSAGE);
  assertEquals([received.size, ends], [60, []]);
  pump.take(MESSAGE);
  assertEquals([received.size, ends], [60, [CLOSE.tooManyFrames]]);
});

Deno.test("ReadPump does not save up for more than a burst", () => {
  const { pump, clock, ends } = bench();
  clock.now += 3_600_000;
  for (let n = 1; n <= 50; n++) pump.take(MESSAGE);
  assertEquals(ends, []);
  pump.take(MESSAGE);
  assertEquals(ends, [CLOSE.tooManyFrames]);
});

const POSTED: BrowserMessage[] = [{ type: "ack", ids: ["a"] }, { type: "message", data: 1 }];

Deno.test("ReadPump.takePosted hands messages to the session, out of the same allowance as frames", () => {
  const { pump, clock, received, ends } = bench();
  for (let n = 1; n <= 25; n++) pump.take(MESSAGE);
  for (let n = 1; n <= 25; n++) pump.takePosted(POSTED);
  assertEquals(received.drain().length, 75);
  const { kind, headers } = assertThrows(() => pump.takePosted(POSTED), Problem);
  assertEquals([kind, headers], ["too-many-requests", { "retry-after": "1" }]);
  clock.now += 100;
  pump.takePosted(POSTED);
  assertEquals([received.size, ends], [2, []]);
});

Deno.test("ReadPump.takePosted throws what the session refuses, for it can be answered", () => {
  const { pump, told } = bench();
  const tooMany = Array<BrowserMessage>(101).fill({ type: "message", data: 1 });
  const { kind, headers } = assertThrows(() => pump.takePosted(tooMany), Problem);
  assertEquals([kind, headers, told], ["unavailable", { "retry-after": "1" }, []]);
});
