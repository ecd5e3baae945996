/** eventEncoding: a frame is one event, whatever is in it, and those who get the same share it. */

import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import * as fc from "fast-check";
import { createEventEncoder } from "../../src/connection/sse_encoding.ts";
import { rawDataOf } from "../../src/sources/raw_data.ts";

const decoder = new TextDecoder();

Deno.test("eventEncoding writes the position as the id, if there is one, and the frame as the data", () => {
  const eventOf = createEventEncoder();
  assertEquals(decoder.decode(eventOf('["é"]', "3ipslkxj-1")), 'id: 3ipslkxj-1\ndata: ["é"]\n\n');
  assertEquals(decoder.decode(eventOf('[{"type":"missed"}]')), 'data: [{"type":"missed"}]\n\n');
});

Deno.test("eventEncoding encodes once what several get, and nobody gets what another should", () => {
  const eventOf = createEventEncoder();
  const [one, two, none] = [eventOf("[1]", "a"), eventOf("[1]", "b"), eventOf("[1]")];
  assertStrictEquals(eventOf("[1]", "a"), one);
  assertStrictEquals(eventOf("[1]"), none);
  assertNotEquals(one, two);
  const texts = Array.from({ length: 100 }, (_, n) => decoder.decode(eventOf(`[${n % 7}]`, `p${n % 3}`)));
  assertEquals(texts, texts.map((_, n) => `id: p${n % 3}\ndata: [${n % 7}]\n\n`));
});

/** Lines of an event stream end at these, and at nothing else (HTML, 9.2.5): not at U+2028, U+2029 or U+0085. */
const LINE_END = /\r\n|\n|\r/;

Deno.test("eventEncoding needs one line for data of any JSON, however it was laid out", () => {
  const eventOf = createEventEncoder();
  const anything = fc.record({
    data: fc.json(),
    odd: fc.constantFrom("\u2028", "\u2029", "\u0085", "\ufeff"),
  });
  const spaces = fc.constantFrom(undefined, 1, "\t");
  const ends = fc.constantFrom("\n", "\r\n", "\r");
  fc.assert(fc.property(anything, spaces, ends, (value, space, end) => {
    const data = JSON.stringify(value, null, space).replaceAll("\n", end);
    const [text = ""] = rawDataOf(`{"target":"a",${end}"data":${data}}`);
    const [line = "", ...rest] = decoder.decode(eventOf(`[${text}]`)).split(LINE_END);
    assertEquals(rest, ["", ""]);
    assertEquals(JSON.parse(line.slice("data: ".length)), [JSON.parse(data)]);
  }));
});
