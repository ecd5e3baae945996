/** formatterFor: how the log shows an error, to people and to machines. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatterFor } from "../../src/service/log.ts";

const error = new Error("the disk is full");
const FAILED = {
  category: ["tidings"],
  level: "error",
  message: ["failed: ", error, ""],
  rawMessage: "failed: {error}",
  timestamp: 0,
  properties: { error },
} as const;

Deno.test("formatterFor puts the message of an error into the JSON message, and its stack into a property", () => {
  const { message, error: property } = JSON.parse(formatterFor({ development: false })(FAILED));
  assertEquals(message, "failed: the disk is full");
  assertEquals([property.message, property.stack], [error.message, error.stack]);
});

Deno.test("formatterFor writes values as JSON of their types, and without quotes in the message", () => {
  const properties = { count: 3, rate: 0.5, isLate: true, last: null, target: 'a "b"', ids: [1, "x"] };
  const parts = Object.values(properties).flatMap((value) => [value, " "]);
  const line = formatterFor({ development: false })({ ...FAILED, message: ["", ...parts], properties });
  const { message, logger: _, level: __, "@timestamp": ___, ...written } = JSON.parse(line);
  assertEquals([message, written], ['3 0.5 true null a "b" [1,"x"] ', properties]);
});

Deno.test("formatterFor prints the stack of an error in development mode", () => {
  assertStringIncludes(formatterFor({ development: true })(FAILED), `failed: ${error.stack}`);
});
