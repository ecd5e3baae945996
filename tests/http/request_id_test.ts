/** requestIdOf: which ids of clients are taken, and that all others are unique. */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { requestIdOf } from "../../src/http/request_id.ts";

function idOf(given: string): string {
  return requestIdOf(new Headers({ "x-request-id": given }));
}

Deno.test("requestIdOf takes an id that is well-formed and short", () => {
  for (const id of ["1", "7b1c9a52-9f5c-4b0e-8a56-1a4c7b0f9d3e", "Root=1-67891233-abcdef", "a".repeat(128)]) {
    assertEquals(idOf(id), id);
  }
});

Deno.test("requestIdOf makes an id, another one each time, instead of one that is not", () => {
  const made = [
    requestIdOf(new Headers()),
    idOf(""),
    idOf("a b"),
    idOf('a"b'),
    idOf("a\\b"),
    idOf("a".repeat(129)),
  ];
  assertEquals(new Set(made).size, made.length);
  assertNotEquals(made[5], "a".repeat(129));
  for (const id of made) assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-z]+$/);
});

Deno.test("requestIdOf returns nothing that a log or a header would have to escape", () => {
  const value = fc.string({
    unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(fc.property(value, (given) => assertMatch(idOf(given), /^[!#-[\]-~]{1,128}$/)));
});
