/** Tests which frames the read pump passes to the inbox, which it answers, and which end the connection. */

import { assertEquals, assertThrows } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import { Problem, type ProblemKind } from "../../src/wire/problem.ts";
import type { BrowserMessage, ServerMessage } from "../../src/wire/protocol.ts";
import { Inbox } from "../../src/processor/inbox.ts";
import { ReadPump, type ReceivedMessage } from "../../src/connection/read_pump.ts";

function setUp(capacity = 100) {
  const clock = { now: 0 };
  const received = new Channel<ReceivedMessage>(capacity);
  const answers: ServerMessage[] = [], closes: Close[] = [], refused: ProblemKind[] = [];
  const deps = {
    id: "c",
    target: "alexander",
    inbox: new Inbox(received, null),
    pump: { sendMessage: (message: ServerMessage) => void answers.push(message) },
    onRefused: ({ kind }: Problem) => void refused.push(kind),
    end: (close: Close) => void closes.push(close),
  };
  return {
    pump: new ReadPump(deps, () => clock.now),
    answerSink: deps.pump,
    clock,
    received,
    answers,
    closes,
    refused,
  };
}

const MESSAGE = '{"type":"message","data":1}';

Deno.test("ReadPump.take passes messages to the inbox", () => {
  const { pump, received, answers, closes } = setUp();
  pump.take(MESSAGE);
  assertEquals([received.size, answers, closes], [1, [], []]);
});

for (
  const { name, frame, close } of [
    { name: "a binary frame", frame: new ArrayBuffer(2), close: CLOSE.protocolViolation },
    { name: "a frame over 64 KiB", frame: "x".repeat(65_537), close: CLOSE.tooBig },
    {
      name: "a frame over 64 KiB in UTF-8, though not in characters",
      frame: "é".repeat(32_769),
      close: CLOSE.tooBig,
    },
  ]
) {
  Deno.test(`ReadPump.take closes the connection with ${close.code} at ${name}`, () => {
    const { pump, received, answers, closes } = setUp();
    pump.take(frame);
    assertEquals([closes, answers, received.size], [[close], [], 0]);
  });
}

Deno.test("ReadPump.take answers a frame that it refuses, and takes the next one", () => {
  const { pump, received, answers, closes } = setUp();
  pump.take("no JSON");
  pump.take(MESSAGE);
  assertEquals(answers.map((message) => message.type === "error" && message.problem.kind), ["not-json"]);
  assertEquals([closes, received.size], [[], 1]);
});

Deno.test("ReadPump.take accepts a frame of exactly 64 KiB", () => {
  const { pump, closes } = setUp();
  pump.take(JSON.stringify({ type: "message", data: "" }).replace('""', `"${"x".repeat(65_536 - 28)}"`));
  assertEquals(closes, []);
});

Deno.test("ReadPump.take accepts 50 frames at once and then 10 a second, and closes the connection with 4101 at more", () => {
  const { pump, clock, received, closes } = setUp();
  for (let n = 1; n <= 50; n++) pump.take(MESSAGE);
  clock.now += 1_000;
  for (let n = 1; n <= 10; n++) pump.take(MESSAGE);
  assertEquals([received.size, closes], [60, []]);
  pump.take(MESSAGE);
  assertEquals([received.size, closes], [60, [CLOSE.tooManyFrames]]);
});

Deno.test("ReadPump.take accepts no more than 50 frames at once after a long pause", () => {
  const { pump, clock, closes } = setUp();
  clock.now += 3_600_000;
  for (let n = 1; n <= 50; n++) pump.take(MESSAGE);
  assertEquals(closes, []);
  pump.take(MESSAGE);
  assertEquals(closes, [CLOSE.tooManyFrames]);
});

const POSTED: BrowserMessage[] = [{ type: "ack", ids: ["a"] }, { type: "message", data: 1 }];

Deno.test("ReadPump.takePosted passes messages to the inbox, within the same rate limit as frames", () => {
  const { pump, clock, received, closes } = setUp();
  for (let n = 1; n <= 25; n++) pump.take(MESSAGE);
  for (let n = 1; n <= 25; n++) pump.takePosted(POSTED);
  assertEquals(received.drain().length, 75);
  const { kind, headers } = assertThrows(() => pump.takePosted(POSTED), Problem);
  assertEquals([kind, headers], ["too-many-requests", { "retry-after": "1" }]);
  clock.now += 100;
  pump.takePosted(POSTED);
  assertEquals([received.size, closes], [2, []]);
});

Deno.test("ReadPump counts the messages of its frames: 250 at once, and then 100 a second, and any number of acks", () => {
  const { pump, clock, received, answers, closes } = setUp(1_000);
  const messages = (count: number) => Array<BrowserMessage>(count).fill({ type: "message", data: 1 });
  const acks = Array<BrowserMessage>(250).fill({ type: "ack", ids: ["a"] });
  pump.take(JSON.stringify(messages(200)));
  pump.takePosted(messages(50));
  pump.take(JSON.stringify(acks));
  assertEquals([received.drain().length, answers], [500, []]);
  pump.take(MESSAGE);
  assertEquals(kindsOf(answers), ["too-many-requests"]);
  const { kind, headers } = assertThrows(() => pump.takePosted(messages(101)), Problem);
  assertEquals([kind, headers], ["too-many-requests", { "retry-after": "2" }]);
  clock.now += 1_000;
  pump.take(JSON.stringify(messages(100)));
  assertEquals([received.drain().length, answers.length, closes], [100, 1, []]);
  pump.take(MESSAGE);
  assertEquals([received.size, answers.length, closes], [0, 2, []]);
});

Deno.test("ReadPump.takePosted throws if it refuses messages, because the request can be answered", () => {
  const { pump, answers } = setUp();
  const tooMany = Array<BrowserMessage>(101).fill({ type: "message", data: 1 });
  const { kind, headers } = assertThrows(() => pump.takePosted(tooMany), Problem);
  assertEquals([kind, headers, answers], ["unavailable", { "retry-after": "1" }, []]);
});

Deno.test("ReadPump.take passes on an ack and a message with their connection and target", () => {
  const { pump, answerSink, received } = setUp();
  pump.take('{"type":"ack","ids":["a","b"]}');
  pump.take('{"type":"message","data":{"any":[1,null]}}');
  const sender = { connection: "c", target: "alexander", pump: answerSink };
  assertEquals(received.drain(), [
    { ...sender, message: { type: "ack", ids: ["a", "b"] } },
    { ...sender, message: { type: "message", data: { any: [1, null] } } },
  ]);
});

Deno.test("ReadPump.take answers each mark that it refuses by its ref, and once what has none", () => {
  const { pump, answers } = setUp(2);
  const mark = { type: "read", through: "k3x9f0ab-0000000000b" };
  pump.take(JSON.stringify([{ ...mark, ref: "a" }, mark, { ...mark, ref: "b" }]));
  pump.take(JSON.stringify([mark, mark, mark]));
  assertEquals(
    answers.map((message) => message.type === "error" && [message.problem.kind, message.ref]),
    [
      ...[["unavailable", "a"], ["unavailable", "b"], ["unavailable", undefined]],
      ["unavailable", undefined], // the second frame
    ],
  );
});

Deno.test("ReadPump.take answers each mark of a frame that does not fit by its ref, and once what has none that fits", () => {
  const { pump, received, answers, refused } = setUp();
  const mark = { type: "read", through: "k3x9f0ab-0000000000b" };
  const bad = { type: "unread", positions: ["yesterday"] };
  const frames = [
    [{ ...mark, ref: "a" }, { ...bad, ref: "b" }],
    { ...bad, ref: "c" },
    [{ ...bad, ref: 5 }, { ...bad, ref: "d" }, { type: "message", data: 1, ref: "e" }],
    Array(251).fill({ ...mark, ref: "f" }),
  ];
  for (const frame of frames) pump.take(JSON.stringify(frame));
  pump.take("no JSON");
  assertEquals(answers.map((message) => message.type === "error" && message.ref), [
    ...["a", "b", "c", "d"],
    ...[undefined, undefined, undefined], // of the third frame, the fourth and the fifth
  ]);
  assertEquals([received.size, refused.length], [0, 5]);
});

Deno.test("ReadPump.take counts marks as messages", () => {
  const { pump, received, answers } = setUp(1_000);
  const mark = { type: "unread", positions: ["k3x9f0ab-0000000000b"] };
  pump.take(JSON.stringify(Array(250).fill(mark)));
  pump.take(JSON.stringify({ ...mark, ref: "late" }));
  assertEquals(received.size, 250);
  assertEquals(
    answers.map((message) => message.type === "error" && [message.problem.kind, message.ref]),
    [["too-many-requests", "late"]],
  );
});

Deno.test("ReadPump.take passes on an array of messages in order", () => {
  const { pump, received } = setUp();
  pump.take('[{"type":"message","data":1},{"type":"ack","ids":["a"]},{"type":"message","data":2}]');
  assertEquals(received.drain().map(({ message }) => message.type), ["message", "ack", "message"]);
});

const PONG: ServerMessage = { type: "pong" };

Deno.test("ReadPump answers a ping with a pong, alone or after the messages of its frame, and passes none on", () => {
  const { pump, received, answers } = setUp();
  pump.take('{"type":"ping"}');
  pump.take('[{ "type": "ping" }]');
  assertEquals([answers, received.size], [[PONG, PONG], 0]);
  pump.take('[{"type":"message","data":1},{"type":"ping"},{"type":"ping"}]');
  pump.takePosted([{ type: "ack", ids: ["a"] }, { type: "ping" }]);
  assertEquals(received.drain().map(({ message }) => message.type), ["message", "ack"]);
  assertEquals(answers, Array(4).fill(PONG));
});

Deno.test("ReadPump sends no pong for a frame whose messages it could not take", () => {
  const { pump, answers } = setUp(1);
  pump.take('[{"type":"message","data":1},{"type":"message","data":2},{"type":"ping"}]');
  assertEquals(kindsOf(answers), ["unavailable"]);
});

Deno.test("ReadPump counts pings among the frames that a connection may send", () => {
  const { pump, answers, closes } = setUp();
  for (let n = 1; n <= 51; n++) pump.take('{"type":"ping"}');
  assertEquals([answers.length, closes], [50, [CLOSE.tooManyFrames]]);
});

/** The kinds of the problems that the browser was sent. */
function kindsOf(answers: readonly ServerMessage[]): unknown[] {
  return answers.map((message) => message.type === "error" && message.problem.kind);
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
  '{"type":"ping","id":1}': "does-not-fit",
  '[{"type":"message","data":1},{"type":"shout"}]': "does-not-fit",
};

for (const [frame, kind] of Object.entries(REFUSED)) {
  Deno.test(`ReadPump.take refuses ${frame || "an empty frame"} and takes none of it`, () => {
    const { pump, answers, received, refused } = setUp();
    pump.take(frame);
    assertEquals([kindsOf(answers), refused], [[kind], [kind]]);
    assertEquals(received.size, 0);
  });
}

Deno.test("ReadPump.take refuses a frame if the inbox has no room for all of its messages", () => {
  const { pump, answers, received } = setUp(2);
  pump.take('{"type":"message","data":1}');
  const tooMany = '[{"type":"message","data":2},{"type":"message","data":3}]';
  pump.take(tooMany);
  assertEquals(kindsOf(answers), ["unavailable"]);
  assertEquals(received.drain().length, 1);
  pump.take(tooMany);
  assertEquals(received.size, 2);
});
