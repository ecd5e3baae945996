/** waitIn: reads `wait` of a Prefer header as RFC 7240 has it, and ignores what it can't read. */

import { assertEquals } from "@std/assert";
import { parsePreferWait } from "../../src/http/prefer.ts";

/** Of each: the header, and the seconds. */
const HEADERS: readonly [string | undefined, number | null][] = [
  [undefined, null],
  ["", null],
  ["wait=10", 10],
  ["wait=0", 0],
  ["wait=60", 60],
  ["wait=61", 60],
  ["wait=99999999999999999999999999", 60],
  ["WAIT=7", 7],
  [" wait \t=  7 ", 7],
  ['wait="7"', 7],
  ["respond-async, wait=7", 7],
  ["respond-async,wait=7,handling=lenient", 7],
  ["wait=7; foo=bar", 7],
  ["foo; wait=3, wait=7", 7],
  ['foo="a, wait=3", wait=7', 7],
  ['foo="a\\", wait=3", wait=7', 7],
  [",, wait=7", 7],
  ["wait=7, wait=3", 7],
  ["wait, wait=7", null],
  ["wait=, wait=7", null],
  ["wait=soon", null],
  ["wait=-1", null],
  ["wait=1.5", null],
  ["wait=1e3", null],
  ["wait=7 8", null],
  ["wait", null],
  ["waiting=7", null],
  ["await=7", null],
  ["respond-async", null],
  ['foo="a, wait=3', 3],
  ["é=1", null],
];

for (const [header, seconds] of HEADERS) {
  Deno.test(`waitIn reads ${seconds ?? "no wait"} in ${header === undefined ? "no header" : `"${header}"`}`, () => {
    assertEquals(parsePreferWait(header), seconds);
  });
}

Deno.test("waitIn reads the longest header in no time", () => {
  for (const part of ['"', "\\", ",", "=", " ", "wait ", 'wait="', "a"]) {
    assertEquals(parsePreferWait(part.repeat(64 * 1024 / part.length)), null);
  }
});
