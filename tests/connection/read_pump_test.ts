/** ReadPump: what ends a connection, what is answered, and what goes to the inbox. */

import { assertEquals, assertThrows } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import { Problem, type ProblemKind } from "../../src/wire/problem.ts";
import type { BrowserMessage, ServerMessage } from "../../src/wire/protocol.ts";
import { TokenBucket } from "../../src/connection/token_bucket.ts";
import { Inbox } from "../../src/processor/inbox.ts";
import { ReadPump, type ReceivedMessage } from "../../src/connection/read_pump.ts";

function bench(capacity = 100) {
  const clock = { now: 0 };
  const received = new Channel<ReceivedMessage>(capacity);
  const told: ServerMessage[] = [], ends: Close[] = [];
  const parts = {
    id: "c",
    target: "alexander",
    inbox: new Inbox(received, null),
    pump: { tell: (message: ServerMessage) => void told.push(message) },
    end: (close: Close) => void ends.push(close),
  };
  return { pump: new ReadPump(parts, new TokenBucket(() => clock.now)), clock, received, told, ends };
}

const MESSAGE = '{"type":"message","data":1}';

Deno.test("ReadPump hands frames to the inbox", () => {
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

Deno.test("ReadPump answers a frame that is refused, and goes on", () => {
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

Deno.test("ReadPump.takePosted hands messages to the inbox, out of the same allowance as frames", () => {
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

Deno.test("ReadPump.takePosted throws what is refused, for it can be answered", () => {
  const { pump, told } = bench();
  const tooMany = Array<BrowserMessage>(101).fill({ type: "message", data: 1 });
  const { kind, headers } = assertThrows(() => pump.takePosted(tooMany), Problem);
  assertEquals([kind, headers, told], ["unavailable", { "retry-after": "1" }, []]);
});

Deno.test("ReadPump.take hands on an ack and a message, with whose they are", () => {
  const { pump, received } = bench();
  pump.take('{"type":"ack","ids":["a","b"]}');
  pump.take('{"type":"message","data":{"any":[1,null]}}');
  assertEquals(received.drain(), [
    { connection: "c", target: "alexander", message: { type: "ack", ids: ["a", "b"] } },
    { connection: "c", target: "alexander", message: { type: "message", data: { any: [1, null] } } },
  ]);
});

Deno.test("ReadPump.take hands on an array of messages in order", () => {
  const { pump, received } = bench();
  pump.take('[{"type":"message","data":1},{"type":"ack","ids":["a"]},{"type":"message","data":2}]');
  assertEquals(received.drain().map(({ message }) => message.type), ["message", "ack", "message"]);
});

/** What the browser was told, in an error each. */
function kindsOf(told: readonly ServerMessage[]): unknown[] {
  return told.map((message) => message.type === "error" && message.problem.kind);
}

const REFUSED: Record<string, ProblemKind> = {
  "": "not-json",
  "no JSON": "not-json",
  "1": "does-not-fit",
  "null": "does-not-fit",
  "[]": "does-not-fit",
  "{}": "does-not-fit",
  '{"type":"shout","data":1}': "does-not-fit",
  '{"type":"message"}': "does-not-fit",
  '{"type":"message","data":1,"more":2}': "does-not-fit",
  '{"type":"ack"}': "does-not-fit",
  '{"type":"ack","ids":[]}': "does-not-fit",
  '{"type":"ack","ids":[1]}': "does-not-fit",
  '{"type":"ack","ids":["\\u0000"]}': "does-not-fit",
  '[{"type":"message","data":1},{"type":"shout"}]': "does-not-fit",
};

for (const [frame, kind] of Object.entries(REFUSED)) {
  Deno.test(`ReadPump.take refuses ${frame || "an empty frame"} and takes nothing of it`, () => {
    const { pump, told, received } = bench();
    pump.take(frame);
    assertEquals(kindsOf(told), [kind]);
    assertEquals(received.size, 0);
  });
}

Deno.test("ReadPump.take refuses a frame whose messages don't all fit into the channel", () => {
  const { pump, told, received } = bench(2);
  pump.take('{"type":"message","data":1}');
  const tooMany = '[{"type":"message","data":2},{"type":"message","data":3}]';
  pump.take(tooMany);
  assertEquals(kindsOf(told), ["unavailable"]);
  assertEquals(received.drain().length, 1);
  pump.take(tooMany);
  assertEquals(received.size, 2);
});
