/** Kept: a page of what is kept for a target, with the data as it was posted. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { keptIn } from "../../../src/pages/console/kept.js";

/** The answer of the service. */
function answer(notifications: readonly string[]): string {
  return `{"target":"data","notifications":[${notifications}],"next":"p","more":false}`;
}

function notification(data: string, more = ""): string {
  return `{"type":"notification","id":"data","position":"p","at":"now","data":${data}${more}}`;
}

function dataIn(text: string): string[] {
  return keptIn(text).notifications.map(({ data }: { data: string }) => data);
}

Deno.test("keptIn leaves numbers with all their digits, and text as it was escaped", () => {
  const posted = ["12345678901234567890", "1.10", "1e400", String.raw`"\u00e9\"data\":{"`, "null"];
  assertEquals(dataIn(answer(posted.map((data) => notification(data)))), posted);
});

Deno.test("keptIn takes data of any shape, and whatever comes after it", () => {
  fc.assert(fc.property(fc.array(fc.json()), (posted) => {
    const texts = posted.map((data, index) => notification(data, index % 2 === 0 ? "" : ',"topic":"data"'));
    assertEquals(dataIn(answer(texts)), posted);
  }));
});

Deno.test("keptIn takes data that is nested as deep as a request has room for", () => {
  const data = "[".repeat(32_000) + "]".repeat(32_000);
  assertEquals(dataIn(answer([notification(data), notification("1")])), [data, "1"]);
});

Deno.test("keptIn has what else the service says", () => {
  const { next, more, notifications: [first] } = keptIn(answer([notification("1")]));
  assertEquals([next, more, first.id, first.at], ["p", false, "data", "now"]);
});
