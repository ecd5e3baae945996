/** LineSplitter: lines of a body, whatever chunks it arrives in, within bounds. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { Shares } from "../../src/async/shares.ts";
import { LineSplitter } from "../../src/http/line_splitter.ts";
import { Problem } from "../../src/wire/problem.ts";

const encoder = new TextEncoder();

function newSplitter(
  { maxBytes = 16, capacity = 1_000_000 } = {},
): { splitter: LineSplitter; budget: Shares } {
  const budget = new Shares({ capacity, share: capacity });
  return { splitter: new LineSplitter({ maxBytes, budget, owner: "key" }), budget };
}

/** The lines, with the kind of what is a problem. */
function kinds(lines: readonly (string | Problem)[]): string[] {
  return lines.map((line) => line instanceof Problem ? `! ${line.kind}` : line);
}

/** Splits these chunks to the end. */
function split(chunks: readonly Uint8Array<ArrayBuffer>[], maxBytes = 16): string[] {
  const { splitter, budget } = newSplitter({ maxBytes });
  const lines = [...chunks.flatMap((chunk) => splitter.take(chunk)), ...splitter.finish()];
  splitter[Symbol.dispose]();
  assertEquals(budget.size, 0, "all memory is given back");
  return kinds(lines);
}

function splitText(...texts: string[]): string[] {
  return split(texts.map((text) => encoder.encode(text)));
}

Deno.test("LineSplitter splits at line feeds, also without one at the end, and keeps what is before them", () => {
  assertEquals(splitText("a\nb\n"), ["a", "b"]);
  assertEquals(splitText("a\nb"), ["a", "b"]);
  assertEquals(splitText("a", "b\nc", "", "d\n\n"), ["ab", "cd"]);
  assertEquals(splitText("a\r\nb\r\n"), ["a\r", "b\r"]);
  assertEquals(splitText(), []);
});

Deno.test("LineSplitter leaves out empty lines, whatever white space they have", () => {
  assertEquals(splitText("\n\n", "\r\n \t\n", "a\n\n\n", "\r", "\n", "  "), ["a"]);
});

Deno.test("LineSplitter takes a character apart and together again, and refuses half of one", () => {
  const bytes = encoder.encode("é\n🗽\n");
  assertEquals(split(Array.from(bytes, (byte) => Uint8Array.of(byte))), ["é", "🗽"]);
  const half = Uint8Array.of(...encoder.encode("a\n🗽").subarray(0, 4), 10, ...encoder.encode("b\n"));
  assertEquals(split([half]), ["a", "! bad-request", "b"]);
  assertEquals(split([half.subarray(0, 3), half.subarray(3)]), ["a", "! bad-request", "b"]);
  assertEquals(split([half.subarray(0, 4)]), ["a", "! bad-request"]);
});

Deno.test("LineSplitter leaves out a byte order mark at the start, and at no other place", () => {
  assertEquals(splitText("\ufeffa\n\ufeffb\n\ufeffc\nd"), ["a", "\ufeffb", "\ufeffc", "d"]);
  assertEquals(splitText("\ufeffa\n", "\ufeffb\n", "\ufeffc"), ["a", "\ufeffb", "\ufeffc"]);
  assertEquals(splitText("\ufeffa"), ["a"]);
  assertEquals(splitText(`${"x".repeat(17)}\n\ufeffb`), ["! too-large", "\ufeffb"]);
});

Deno.test("LineSplitter refuses a line that is too long as soon as it is, and skips the rest of it", () => {
  const longest = "x".repeat(16);
  assertEquals(splitText(`${longest}\n${longest}x\na\n`), [longest, "! too-large", "a"]);
  const { splitter, budget } = newSplitter();
  assertEquals(kinds(splitter.take(encoder.encode(`a\n${longest}`))), ["a"]);
  assertEquals(kinds(splitter.take(encoder.encode("x"))), ["! too-large"]);
  assertEquals(budget.size, 0, "nothing is kept of it");
  assertEquals(kinds(splitter.take(encoder.encode(longest.repeat(100)))), []);
  assertEquals(kinds(splitter.take(encoder.encode("x\nb\n"))), ["b"]);
  assertEquals(splitText(longest, "x"), ["! too-large"]);
});

Deno.test("LineSplitter finds the same lines in any chunks", () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r\n", "é", "🗽", " ", "x".repeat(10)), {
    maxLength: 40,
  });
  fc.assert(fc.property(text, fc.array(fc.nat(20)), (parts, sizes) => {
    const bytes = encoder.encode(parts.join("")), chunks: Uint8Array<ArrayBuffer>[] = [];
    for (let from = 0, index = 0; from < bytes.length; index++) {
      const to = from + (sizes[index] ?? bytes.length);
      chunks.push(bytes.slice(from, to));
      from = to;
    }
    const expected = parts.join("").split("\n").filter((line) => line.trim() !== "")
      .map((line) => encoder.encode(line).length > 16 ? "! too-large" : line);
    assertEquals(split(chunks), expected);
  }));
});

Deno.test("LineSplitter refuses a line for which there is no memory, and gives back what it has", () => {
  const { splitter, budget } = newSplitter({ maxBytes: 100_000, capacity: 4_096 });
  assertEquals(kinds(splitter.take(encoder.encode("a\nb"))), ["a"]);
  assertEquals(budget.size, 4_096);
  assertEquals(kinds(splitter.take(encoder.encode("b".repeat(5_000)))), ["! unavailable"]);
  assertEquals(budget.size, 0);
});
