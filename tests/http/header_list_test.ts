/** parseList: the elements of a header field that is a list. */

import { assertEquals } from "@std/assert";
import { parseList } from "../../src/http/header_list.ts";

const LISTS: readonly [string | null | undefined, string[]][] = [
  [undefined, []],
  [null, []],
  ["", []],
  [" \t,, ,", []],
  ["a", ["a"]],
  ["a,b", ["a", "b"]],
  ["a, b", ["a", "b"]],
  ["a ,\tb\t , c", ["a", "b", "c"]],
  [",a,,b,", ["a", "b"]],
  ["a;q=0.5, b;x=1", ["a;q=0.5", "b;x=1"]],
  ['a="b, c", d', ['a="b, c"', "d"]],
  ['a="b\\", c", d', ['a="b\\", c"', "d"]],
  ['a="b, c', ['a="b, c']],
  ["a\\, b", ["a\\", "b"]],
  ["\u00a0a", ["\u00a0a"]],
];

for (const [header, elements] of LISTS) {
  Deno.test(`parseList finds ${elements.length} elements in ${JSON.stringify(header)}`, () => {
    assertEquals(parseList(header), elements);
  });
}

Deno.test("parseList takes several fields of the same name as one list", () => {
  const headers = new Headers([["upgrade", "h2c,"], ["upgrade", "websocket"]]);
  assertEquals(parseList(headers.get("upgrade")), ["h2c", "websocket"]);
});
