/** The suite's own reader of event streams, against the examples of the HTML standard, section 9.2.6. */

import { assertEquals } from "@std/assert";
import { Answer } from "./answer.ts";
import { EventStream } from "./event_stream.ts";

/** Reads a text that comes in pieces of so many bytes. */
async function eventsIn(text: string, size: number): Promise<(string | null)[][]> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const answer = new Answer(200, { headers: new Headers(), bytes: new Uint8Array() });
  const stream = new EventStream(
    answer,
    () => Promise.resolve(at < bytes.length ? bytes.subarray(at, at += size) : null),
  );
  const all: (string | null)[][] = [];
  for (let event = await stream.event(); event !== null; event = await stream.event()) {
    all.push([event.type, event.data, event.id, event.comment]);
  }
  return all;
}

Deno.test("EventStream reads the examples of the standard, however they are split", async () => {
  const text =
    ": test stream\n\ndata: YHOO\ndata: +2\ndata: 10ü\n\nevent: add\ndata:73857293\nid: 1\n\ndata: cut off\n";
  for (const size of [1, 2, 7, 1000]) {
    assertEquals(await eventsIn(text, size), [
      ["message", null, null, ": test stream"],
      ["message", "YHOO\n+2\n10ü", null, null],
      ["add", "73857293", "1", null],
    ]);
  }
});

Deno.test("EventStream takes one space after the colon away, and reads fields without a colon", async () => {
  assertEquals(await eventsIn("data:test\n\ndata:  test\n\ndata\n\n", 3), [
    ["message", "test", null, null],
    ["message", " test", null, null],
    ["message", "", null, null],
  ]);
});
