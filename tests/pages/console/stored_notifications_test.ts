/** Tests of the parser that keeps the text of `data` as the publisher posted it. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseStoredNotifications } from "../../../src/pages/console/stored_notifications.js";

/** Builds a response of the service. */
function page(notifications: readonly string[]): string {
  return `{"target":"data","notifications":[${notifications}],"next":"p","more":false}`;
}

function notification(data: string, more = ""): string {
  return `{"type":"notification","id":"data","position":"p","at":"now","data":${data}${more}}`;
}

function dataIn(text: string): string[] {
  return parseStoredNotifications(text).notifications.map(({ data }: { data: string }) => data);
}

Deno.test("parseStoredNotifications keeps all digits of a number, and the escapes of a string", () => {
  const posted = ["12345678901234567890", "1.10", "1e400", String.raw`"\u00e9\"data\":{"`, "null"];
  assertEquals(dataIn(page(posted.map((data) => notification(data)))), posted);
});

Deno.test("parseStoredNotifications accepts data of any shape, and any field after it", () => {
  fc.assert(fc.property(fc.array(fc.json()), (posted) => {
    const texts = posted.map((data, index) => notification(data, index % 2 === 0 ? "" : ',"topic":"data"'));
    assertEquals(dataIn(page(texts)), posted);
  }));
});

Deno.test("parseStoredNotifications accepts data as deep as a request has room for", () => {
  const data = "[".repeat(32_000) + "]".repeat(32_000);
  assertEquals(dataIn(page([notification(data), notification("1")])), [data, "1"]);
});

Deno.test("parseStoredNotifications keeps all other fields", () => {
  const { next, more, notifications: [first] } = parseStoredNotifications(page([notification("1")]));
  assertEquals([next, more, first.id, first.at], ["p", false, "data", "now"]);
});
