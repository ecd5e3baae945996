/** Tests of the dialects: each reconnects with the words of its server's own client. */

import { assertEquals, assertThrows } from "@std/assert";
import type { Dialect, Ear } from "./dialect.ts";
import { LANGUAGES } from "./languages.ts";

/** Opens a connection of the dialect, hands it what the server says, and returns what came of it, in order. */
function converse(dialect: Dialect, said: readonly string[]): unknown[] {
  const log: unknown[] = [];
  const ear: Ear = {
    say: (text) => log.push(text),
    ready: (isRecovered) => log.push(["ready", isRecovered]),
    deliver: ({ seq }) => log.push(["deliver", seq]),
  };
  dialect.open(ear);
  for (const text of said) dialect.take(text, ear);
  return log;
}

const data = (seq: number) => ({ seq, text: "" });

Deno.test("tidings resumes after the position of the last message, or of the welcome", () => {
  const dialect = LANGUAGES.tidings.create(), fresh = dialect.path();
  const welcome = (position: string, recovered: boolean | null) =>
    JSON.stringify([{ type: "welcome", position, recovered }]);
  assertEquals(converse(dialect, [welcome("p0", null)]), [["ready", null]]);
  assertEquals(dialect.path(), `${fresh}&after=p0`);
  const frame = [1, 2].map((seq) => ({ type: "notification", position: `p${seq}`, data: data(seq) }));
  assertEquals(converse(dialect, [welcome("p0", true), JSON.stringify(frame)]), [
    ["ready", true],
    ["deliver", 1],
    ["deliver", 2],
  ]);
  assertEquals(dialect.path(), `${fresh}&after=p2`);
  assertEquals(converse(dialect, [welcome("p9", false)]), [["ready", false]]);
});

Deno.test("tidings gives each client a target of its own", () => {
  const paths = [1, 2].map(() => LANGUAGES.tidings.create().path());
  assertEquals(new Set(paths).size, 2);
});

Deno.test("centrifugo subscribes again after the epoch and the offset of the last publication", () => {
  const dialect = LANGUAGES.centrifugo.create();
  const connect = '{"id":1,"connect":{"name":"js"}}', connected = '{"id":1,"connect":{"client":"c"}}';
  const publication = (offset: number) => ({ data: data(offset), offset });
  const push = (offset: number) => JSON.stringify({ push: { channel: "stream", pub: publication(offset) } });
  const subscribed = (more: object) => JSON.stringify({ id: 2, subscribe: { epoch: "e", ...more } });
  assertEquals(converse(dialect, [connected, subscribed({ recoverable: true }), push(1)]), [
    connect,
    '{"id":2,"subscribe":{"channel":"stream"}}',
    ["ready", null],
    ["deliver", 1],
  ]);
  const recovery = {
    was_recovering: true,
    recovered: true,
    offset: 1,
    publications: [2, 3].map(publication),
  };
  assertEquals(converse(dialect, [`${connected}\n${subscribed(recovery)}`, "{}", `${push(4)}\n`]), [
    connect,
    '{"id":2,"subscribe":{"channel":"stream","recover":true,"epoch":"e","offset":1}}',
    ["ready", true],
    ["deliver", 2],
    ["deliver", 3],
    "{}",
    ["deliver", 4],
  ]);
  const lost = { was_recovering: true, recovered: false, offset: 9 };
  assertEquals(converse(dialect, [connected, subscribed(lost)]).slice(1), [
    '{"id":2,"subscribe":{"channel":"stream","recover":true,"epoch":"e","offset":4}}',
    ["ready", false],
  ]);
  assertThrows(() => converse(dialect, ['{"id":2,"error":{"code":103,"message":"no"}}']), Error, "103: no");
});

Deno.test("socketio connects again with its private session id and its last offset", () => {
  const dialect = LANGUAGES.socketio.create(), open = '0{"sid":"s"}';
  const event = (seq: number, offset: string) => `42${JSON.stringify(["message", data(seq), offset])}`;
  assertEquals(converse(dialect, [open, '40{"sid":"a","pid":"p"}', "2", event(1, "o1")]), [
    "40",
    ["ready", null],
    "3",
    ["deliver", 1],
  ]);
  assertEquals(converse(dialect, [open, '40{"sid":"a","pid":"p"}', event(2, "o2")]), [
    '40{"pid":"p","offset":"o1"}',
    ["ready", true],
    ["deliver", 2],
  ]);
  assertEquals(converse(dialect, [open, '40{"sid":"b","pid":"q"}']), [
    '40{"pid":"p","offset":"o2"}',
    ["ready", false],
  ]);
  assertThrows(() => converse(dialect, ['44{"message":"no"}']), Error, "Socket.IO answers 44");
});

Deno.test("ws is subscribed as soon as it is connected", () => {
  assertEquals(converse(LANGUAGES.ws.create(), [JSON.stringify(data(1))]), [["ready", null], ["deliver", 1]]);
});
