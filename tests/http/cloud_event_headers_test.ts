/** readAttributes: the attributes of an event in binary mode. */

import { assertEquals, assertThrows } from "@std/assert";
import { readAttributes } from "../../src/http/cloud_event_headers.ts";
import { Problem } from "../../src/wire/problem.ts";

function subjectOf(value: string): string | undefined {
  return readAttributes(new Headers({ "ce-subject": value })).subject;
}

Deno.test("readAttributes reads the attributes that have an effect, and no others", () => {
  const headers = new Headers({
    ...{ "CE-SpecVersion": "1.0", "ce-id": "17", "ce-source": "/orders", "ce-type": "shipped" },
    ...{ "ce-ttl": "60", "ce-data": "1", "ce-data_base64": "AQ==", "ce-datacontenttype": "text/plain" },
    ...{ "ce-dataschema": "/orders", "content-type": "application/json; charset=utf-8" },
  });
  assertEquals(readAttributes(headers), {
    ...{ specversion: "1.0", id: "17", source: "/orders", type: "shipped", ttl: "60" },
  });
});

Deno.test("readAttributes decodes a value once, with or without quotes", () => {
  const decoded = [
    ["Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"],
    ["%e2%82%ac%2525", "€%25"],
    ['"a \\"b\\" \\\\ %25"', 'a "b" \\ %'],
    ["plain", "plain"],
    ["", ""],
  ] as const;
  for (const [value, expected] of decoded) assertEquals(subjectOf(value), expected);
});

Deno.test("readAttributes takes a value that is UTF-8 without percent-encoding, as SDKs send it", () => {
  const bytesOf = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));
  for (const text of ["Jürgen €", "😀", '"caf\u00e9"']) {
    assertEquals(subjectOf(bytesOf(text)), text.replaceAll('"', ""));
  }
  assertEquals(subjectOf(`${bytesOf("ü")}%C3%BC`), "üü");
});

for (const value of ["100%", "%C0%A0", "%ff", "%ED%A0%80", "caf\u00e9", "\x7f", "a\tb"]) {
  Deno.test(`readAttributes refuses ${value}, which is not percent-encoded UTF-8, and names the header`, () => {
    const { kind, message } = assertThrows(() => subjectOf(value), Problem);
    assertEquals([kind, message.split(":")[0]], ["bad-request", "ce-subject"]);
  });
}

Deno.test("readAttributes refuses data that is not JSON", () => {
  for (const type of ["text/plain", "application/xml", "application/octet-stream", "application/avro"]) {
    const headers = new Headers({ "content-type": type });
    assertEquals(assertThrows(() => readAttributes(headers), Problem).kind, "unsupported-type");
  }
});
