/** notifyJson and notifyManyJson: what of Connect's JSON is published. */

import { assertEquals, assertThrows } from "@std/assert";
import { notifyJson, notifyManyJson } from "../../../src/sources/rpc/json_request.ts";
import { Problem } from "../../../src/wire/problem.ts";

Deno.test("notifyJson leaves the JSON of /v1/notify as it is, with every digit", () => {
  const text = '{ "target": "a",\n "data": [12345678901234567890, 1.10], "push": true }';
  assertEquals(notifyJson(text), text);
});

Deno.test("notifyJson takes data from data_json", () => {
  const text = '{"data_json":"[12345678901234567890]","target":"a","ttl":7}';
  assertEquals(notifyJson(text), '{"target":"a","ttl":7,"data":[12345678901234567890]}');
});

Deno.test("notifyManyJson takes the array out of its object", () => {
  assertEquals(notifyManyJson(' { "notifications" : [{"data":1.10}, 2] } '), '[{"data":1.10}, 2]');
});

Deno.test("notifyManyJson takes data from data_json, and leaves the data of other notifications as it is", () => {
  const many = '{"notifications":[{"data":1.10,"id":"a"},{"data_json":"1.20"},{"id":"c"},7]}';
  assertEquals(notifyManyJson(many), '[{"id":"a","data":1.10},{"data":1.20},{"id":"c"},7]');
});

const REFUSED: readonly [string, () => string, kind: string][] = [
  ["notifyJson refuses an array", () => notifyJson(" [1]"), "does-not-fit"],
  [
    "notifyJson refuses both data and data_json",
    () => notifyJson('{"data":1,"data_json":"1"}'),
    "does-not-fit",
  ],
  ["notifyJson refuses data_json that is no text", () => notifyJson('{"data_json":1}'), "does-not-fit"],
  ["notifyJson refuses data_json that is not JSON", () => notifyJson('{"data_json":"}"}'), "does-not-fit"],
  ["notifyJson refuses data_json in what is not JSON", () => notifyJson('{"data_json":"1"'), "not-json"],
  ["notifyManyJson refuses an array without its object", () => notifyManyJson("[]"), "does-not-fit"],
  [
    "notifyManyJson refuses another field",
    () => notifyManyJson('{"a":1,"notifications":[]}'),
    "does-not-fit",
  ],
  ["notifyManyJson refuses what is not JSON", () => notifyManyJson('{"notifications"'), "not-json"],
];

for (const [name, read, kind] of REFUSED) {
  Deno.test(name, () => {
    assertEquals(assertThrows(read, Problem).kind, kind);
  });
}
