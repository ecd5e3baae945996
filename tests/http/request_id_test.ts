/** The ids of requests: which of clients are taken, and that those of this process are unique. */

import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { givenRequestId, nextRequestNumber, REQUEST_ID_PREFIX } from "../../src/http/request_id.ts";

function idOf(given: string): string | undefined {
  return givenRequestId(new Headers({ "x-request-id": given }));
}

Deno.test("givenRequestId returns an id that is well-formed and short", () => {
  for (const id of ["1", "7b1c9a52-9f5c-4b0e-8a56-1a4c7b0f9d3e", "Root=1-67891233-abcdef", "a".repeat(128)]) {
    assertEquals(idOf(id), id);
  }
});

Deno.test("givenRequestId returns no id that is missing, empty, too long or not well-formed", () => {
  assertEquals(givenRequestId(new Headers()), undefined);
  for (const id of ["", "a b", 'a"b', "a\\b", "a".repeat(129)]) assertEquals(idOf(id), undefined, id);
});

Deno.test("nextRequestNumber returns another number each time", () => {
  const made = Array.from({ length: 100 }, nextRequestNumber);
  assertEquals(new Set(made).size, made.length);
  for (const number of made) assertEquals(idOf(REQUEST_ID_PREFIX + number), REQUEST_ID_PREFIX + number);
});

Deno.test("givenRequestId returns nothing that a log or a header would have to escape", () => {
  const value = fc.string({
    unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(fc.property(value, (given) => assertMatch(idOf(given) ?? "none", /^[!#-[\]-~]{1,128}$/)));
});
