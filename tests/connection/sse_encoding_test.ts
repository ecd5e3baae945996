/** Tests that a frame is one event, whatever is in it, and that equal events are encoded once. */

import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import * as fc from "fast-check";
import { createEventEncoder } from "../../src/connection/sse_encoding.ts";
import { rawDataOf } from "../../src/sources/raw_data.ts";

const decoder = new TextDecoder();

Deno.test("createEventEncoder's encoder writes the position as the id, if there is one, and the frame as the data", () => {
  const encodeEvent = createEventEncoder();
  assertEquals(decoder.decode(encodeEvent('["é"]', "3ipslkxj-1")), 'id: 3ipslkxj-1\ndata: ["é"]\n\n');
  assertEquals(decoder.decode(encodeEvent('[{"type":"missed"}]')), 'data: [{"type":"missed"}]\n\n');
});

Deno.test("createEventEncoder's encoder escapes the characters that some readers take for line ends, and no others", () => {
  const frame = '[{"data":{"\u2028":"a\u2029\u0085","n":1.50,"text":"\\u2028é🗽"}}]';
  const escaped = '[{"data":{"\\u2028":"a\\u2029\\u0085","n":1.50,"text":"\\u2028é🗽"}}]';
  assertEquals(decoder.decode(createEventEncoder()(frame)), `data: ${escaped}\n\n`);
  assertEquals(JSON.parse(escaped), JSON.parse(frame));
});

Deno.test("createEventEncoder's encoder encodes equal events once, and never returns another event", () => {
  const encodeEvent = createEventEncoder();
  const [one, two, none] = [encodeEvent("[1]", "a"), encodeEvent("[1]", "b"), encodeEvent("[1]")];
  assertStrictEquals(encodeEvent("[1]", "a"), one);
  assertStrictEquals(encodeEvent("[1]"), none);
  assertNotEquals(one, two);
  const texts = Array.from({ length: 100 }, (_, n) => decoder.decode(encodeEvent(`[${n % 7}]`, `p${n % 3}`)));
  assertEquals(texts, texts.map((_, n) => `id: p${n % 3}\ndata: [${n % 7}]\n\n`));
});

/** The line ends of an event stream, and those of line readers such as Python's `splitlines`. */
const LINE_ENDS = [..."\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"];

function linesOf(text: string): string[] {
  return LINE_ENDS.reduce((text, end) => text.replaceAll(end, "\n"), text).split("\n");
}

Deno.test("createEventEncoder's encoder needs one line for data of any JSON, however it was formatted", () => {
  const encodeEvent = createEventEncoder();
  const anything = fc.record({
    data: fc.json(),
    odd: fc.constantFrom("a\u2028b", "\u2029\u2029", "\\\u0085", '"\u2028', "\ufeff"),
  });
  const spaces = fc.constantFrom(undefined, 1, "\t");
  const ends = fc.constantFrom("\n", "\r\n", "\r");
  fc.assert(fc.property(anything, spaces, ends, (value, space, end) => {
    const data = JSON.stringify(value, null, space).replaceAll("\n", end);
    const [text = ""] = rawDataOf(`{"target":"a",${end}"data":${data}}`, { inData: 1_000, elsewhere: 1_000 });
    const [line = "", ...rest] = linesOf(decoder.decode(encodeEvent(`[${text}]`)));
    assertEquals(rest, ["", ""]);
    assertEquals(JSON.parse(line.slice("data: ".length)), [JSON.parse(data)]);
  }));
});
