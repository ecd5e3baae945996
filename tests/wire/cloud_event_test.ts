/** CloudEvent: which events are notifications, and how their attributes are read. */

import { assertEquals, assertThrows } from "@std/assert";
import { isJsonType, parseCloudEvent, parseCloudEvents } from "../../src/wire/cloud_event.ts";
import { Problem } from "../../src/wire/problem.ts";

const EVENT = { specversion: "1.0", id: "17", source: "/orders", type: "shipped", subject: "alexander" };

/** The path and the message of the first violation. */
function violationOf(members: Record<string, unknown>): string {
  const { kind, errors } = assertThrows(() => parseCloudEvent({ ...EVENT, ...members }), Problem);
  assertEquals(kind, "does-not-fit");
  return `${errors?.[0]?.path}: ${errors?.[0]?.message}`;
}

Deno.test("CloudEvent accepts the attributes of the specification, and extensions that it does not know", () => {
  const event = {
    ...EVENT,
    time: "2026-07-04T09:00:00Z",
    dataschema: "https://example.com/schema",
    datacontenttype: "application/json",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01",
    sequence: 7,
    data: { n: 1 },
  };
  assertEquals<unknown>(parseCloudEvent(event), event);
});

Deno.test("CloudEvent reads ttl, everyone and push from strings, as headers and gateways have them", () => {
  const { ttl, everyone, push } = parseCloudEvent({ ...EVENT, ttl: "60", everyone: "false", push: "true" });
  assertEquals([ttl, everyone, push], [60, false, true]);
});

Deno.test("CloudEvent takes an attribute that is null for omitted, and keeps data that is null", () => {
  const event = parseCloudEvent({ ...EVENT, topic: null, ttl: null, data_base64: null, data: null });
  assertEquals<unknown>(event, { ...EVENT, data: null });
});

for (
  const [description, members, expected] of [
    ["without subject", { subject: undefined }, "subject: is required: it is the target of the notification"],
    [
      "whose subject is null",
      { subject: null },
      "subject: is required: it is the target of the notification",
    ],
    [
      "with everyone: false",
      { subject: null, everyone: false },
      "subject: is required: it is the target of the notification",
    ],
    ["with everyone and subject", { everyone: true }, "subject: must be omitted with `everyone`"],
    [
      "with data_base64",
      { data_base64: "AQ==" },
      "data_base64: is not supported, because browsers receive JSON: use `data`",
    ],
    [
      "with text as data",
      { datacontenttype: "text/plain" },
      "datacontenttype: must be JSON, such as application/json",
    ],
    [
      "with XML as data",
      { datacontenttype: "application/xml" },
      "datacontenttype: must be JSON, such as application/json",
    ],
    ["of version 0.3", { specversion: "0.3" }, 'specversion: Invalid input: expected "1.0"'],
    [
      "with a source that has a space",
      { source: "/or ders" },
      "source: must be a URI reference, which has no spaces",
    ],
    ["with a ttl that is no number", { ttl: "soon" }, "ttl: Invalid input: expected number, received string"],
  ] as const
) {
  Deno.test(`CloudEvent refuses an event ${description}, and names the attribute`, () => {
    assertEquals(violationOf(members), expected);
  });
}

Deno.test("CloudEvent refuses an event without id, source, type or specversion, or with characters that no attribute has", () => {
  for (const name of ["id", "source", "type", "specversion"]) {
    for (const value of [undefined, null, "", 7]) {
      assertEquals(violationOf({ [name]: value }).split(":")[0], name);
    }
  }
  for (const id of ["a\0", "\x85", "\ud83d", "\ufffe"]) assertEquals(violationOf({ id }).split(":")[0], "id");
  for (const subject of ["", ".", "a\nb", "a".repeat(257)]) {
    assertEquals(violationOf({ subject }).split(":")[0], "subject");
  }
});

Deno.test("parseCloudEvents accepts 0 to 1,000 events, and names the one that is invalid", () => {
  assertEquals(parseCloudEvents([]), []);
  assertEquals(parseCloudEvents(Array.from({ length: 1_000 }, () => EVENT)).length, 1_000);
  for (
    const [body, path] of [
      [Array.from({ length: 1_001 }, () => EVENT), ""],
      [[EVENT, { ...EVENT, subject: "" }], "1.subject"],
      [EVENT, ""],
      [[7], "0"],
    ] as const
  ) {
    const { errors } = assertThrows(() => parseCloudEvents(body), Problem);
    assertEquals(errors?.[0]?.path, path);
  }
});

Deno.test("isJsonType accepts the media types of JSON, with or without parameters", () => {
  for (
    const type of ["application/json", "Application/JSON; charset=utf-8", "text/json", "application/ld+json"]
  ) {
    assertEquals(isJsonType(type), true, type);
  }
  for (
    const type of ["", "text/plain", "application/jsonl", "json", "application/json-seq", "image/svg+xml"]
  ) {
    assertEquals(isJsonType(type), false, type);
  }
});
