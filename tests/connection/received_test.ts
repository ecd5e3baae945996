/** Session: which frames are taken, and that one that is not is taken not at all. */

import { assertEquals, assertThrows } from "@std/assert";
import { Channel } from "../../src/async/channel.ts";
import { Problem, type ProblemKind } from "../../src/wire/problem.ts";
import { Inbox } from "../../src/processor/inbox.ts";
import { MessageReader, type ReceivedMessage } from "../../src/connection/received.ts";

function bench(capacity = 100) {
  const received = new Channel<ReceivedMessage>(capacity);
  const inbox = new Inbox(received, null);
  return { session: new MessageReader({ id: "c", target: "alexander" }, inbox), received };
}

Deno.test("Session.take hands on an ack and a message, with whose they are", () => {
  const { session, received } = bench();
  session.take('{"type":"ack","ids":["a","b"]}');
  session.take('{"type":"message","data":{"any":[1,null]}}');
  assertEquals(received.drain(), [
    { connection: "c", target: "alexander", message: { type: "ack", ids: ["a", "b"] } },
    { connection: "c", target: "alexander", message: { type: "message", data: { any: [1, null] } } },
  ]);
});

Deno.test("Session.take hands on an array of messages in order", () => {
  const { session, received } = bench();
  session.take('[{"type":"message","data":1},{"type":"ack","ids":["a"]},{"type":"message","data":2}]');
  assertEquals(received.drain().map(({ message }) => message.type), ["message", "ack", "message"]);
});

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
  Deno.test(`Session.take refuses ${frame || "an empty frame"} and takes nothing of it`, () => {
    const { session, received } = bench();
    assertEquals(assertThrows(() => session.take(frame), Problem).kind, kind);
    assertEquals(received.size, 0);
  });
}

Deno.test("Session.take refuses a frame whose messages don't all fit into the channel", () => {
  const { session, received } = bench(2);
  session.take('{"type":"message","data":1}');
  const tooMany = '[{"type":"message","data":2},{"type":"message","data":3}]';
  assertEquals(assertThrows(() => session.take(tooMany), Problem).kind, "unavailable");
  assertEquals(received.drain().length, 1);
  session.take(tooMany);
  assertEquals(received.size, 2);
});
