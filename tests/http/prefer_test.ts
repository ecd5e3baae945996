/** parsePreferWait: parses the preference `wait` as RFC 7240 defines it, and ignores malformed values. */

import { assertEquals } from "@std/assert";
import { parsePreferWait } from "../../src/http/prefer.ts";

/** Headers, each with the seconds that it prefers to wait. */
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
  ['foo="a, wait=3', null],
  ["é=1", null],
];

for (const [header, seconds] of HEADERS) {
  Deno.test(`parsePreferWait finds ${seconds ?? "no wait"} in ${header === undefined ? "no header" : `"${header}"`}`, () => {
    assertEquals(parsePreferWait(header), seconds);
  });
}

Deno.test("parsePreferWait parses the longest header without backtracking", () => {
  for (const part of ['"', "\\", ",", "=", " ", "wait ", 'wait="', "a"]) {
    assertEquals(parsePreferWait(part.repeat(64 * 1024 / part.length)), null);
  }
});
