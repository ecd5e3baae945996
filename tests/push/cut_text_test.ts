/** Tests cutText: texts that fit into JSON of limited size. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutText, jsonBytes } from "../../src/push/cut_text.ts";

const FAMILY = "👨‍👩‍👧‍👦"; // seven code points, 25 bytes

for (
  const [text, maxBytes, expected] of [
    ["Hello", 5, "Hello"],
    ["Hello", 4, "H…"],
    ["Hello", 3, ""],
    ["Hello", 0, ""],
    ["Hello", -5, ""],
    ["", 0, ""],
    ["", -1, ""],
    ['"""', 6, '"""'],
    ['"""', 5, '"…'],
    ["\u0000\u0000", 11, "\u0000…"],
    ["ééé", 6, "ééé"],
    ["ééé", 5, "é…"],
    ["e\u0301e\u0301", 6, "e\u0301e\u0301"],
    ["e\u0301e\u0301", 5, "e…"], // nothing else would be left
    ["ae\u0301x", 4, "a…"],
    ["ae\u0301xyz", 6, "a…"],
    ["🇩🇪🇩🇪", 11, "🇩🇪…"],
    [`a${FAMILY}b`, 26, "a…"],
    [FAMILY + FAMILY, 28, `${FAMILY}…`],
    ["\ud83d\ud83d", 9, "\ud83d…"],
  ] as const
) {
  Deno.test(`cutText cuts ${JSON.stringify(text)} to ${maxBytes} bytes`, () => {
    assertEquals(cutText(text, maxBytes), expected);
  });
}

Deno.test("cutText returns a text that fits, and otherwise a beginning that ends between two code points", () => {
  const unit = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.constantFrom(FAMILY, '"', "\\", "\n", "\ud83d", "\u0301"),
  );
  const texts = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(fc.property(texts, fc.integer({ min: 3, max: 60 }), (text, maxBytes) => {
    const cut = cutText(text, maxBytes);
    if (jsonBytes(text) <= maxBytes) return assertEquals(cut, text);
    assert(jsonBytes(cut) <= maxBytes);
    if (cut === "") return assert(maxBytes < 3 + jsonBytes([...text][0] ?? ""));
    assert(cut.endsWith("…"));
    const kept = [...cut.slice(0, -1)];
    assertEquals([...text].slice(0, kept.length), kept);
  }));
});
