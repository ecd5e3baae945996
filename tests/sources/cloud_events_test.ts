/** parseStructuredEvent, parseEventBatch and parseBinaryEvent turn events into drafts. */

import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import {
  eventId,
  parseBinaryEvent,
  parseEventBatch,
  parseStructuredEvent,
} from "../../src/sources/cloud_events.ts";
import { Problem } from "../../src/wire/problem.ts";

const ATTRIBUTES = { specversion: "1.0", id: "17", source: "/orders", type: "shipped", subject: "alexander" };
const EXTENSIONS = { ttl: 60, topic: "order", urgency: "high", at: "2026-07-04T09:00:00Z" } as const;

function structured(members: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...ATTRIBUTES, ...members });
}

Deno.test("parseStructuredEvent makes the subject the target, source and id the id, and keeps the text of data", () => {
  const json = structured().replace(/}$/, ',"data":{"n": 12345678901234567890}}');
  const { drafts: [draft, ...more], ids, isArray, isBatch } = parseStructuredEvent(json, null);
  assertEquals(more, []);
  const { id, target, data, ttl, topic, urgency, push } = draft ?? {};
  assertEquals({ id, target, data, ttl, topic, urgency, push }, {
    ...{ id: "/orders 17", target: "alexander", data: '{"n": 12345678901234567890}' },
    ...{ ttl: null, topic: null, urgency: null, push: null },
  });
  assertEquals([ids, isArray, isBatch], [["/orders 17"], false, false]);
});

Deno.test("parseStructuredEvent reads ttl, topic, urgency, at, push and everyone from extensions", () => {
  const { drafts, scheduled } = parseStructuredEvent(structured({ ...EXTENSIONS, push: true }), null);
  const [{ ttl, topic, urgency, push } = {}] = drafts;
  assertEquals([ttl, topic, urgency, push?.after], [60, "order", "high", 10]);
  assertEquals(scheduled.map(({ at }) => at), [Date.parse(EXTENSIONS.at)]);
  const toAll = parseStructuredEvent(structured({ subject: undefined, everyone: true }), null);
  assertEquals(toAll.drafts.map(({ target }) => target), [null]);
});

Deno.test("parseStructuredEvent takes an event without data for one whose data is null", () => {
  assertEquals(parseStructuredEvent(structured(), null).drafts[0]?.data, "null");
});

Deno.test("parseStructuredEvent refuses a push to everyone, one after the end of the event, and a key beside its id", () => {
  for (
    const [members, path] of [
      [{ subject: undefined, everyone: true, push: true }, "push"],
      [{ ttl: 10, push: true }, "push"],
    ] as const
  ) {
    const { kind, errors } = assertThrows(() => parseStructuredEvent(structured(members), null), Problem);
    assertEquals([kind, errors?.[0]?.path], ["does-not-fit", path]);
  }
  assertEquals(assertThrows(() => parseStructuredEvent(structured(), "key"), Problem).kind, "bad-request");
});

Deno.test("parseStructuredEvent computes the same digest for an event that a sender repeats at another time", () => {
  const digestOf = (members: Record<string, unknown>) =>
    parseStructuredEvent(structured(members), null).drafts[0]?.digest;
  assertEquals(digestOf({ time: "2026-07-04T09:00:00Z" }), digestOf({ traceparent: "00-1" }));
  assertNotEquals(digestOf({}), digestOf({ data: 1 }));
});

Deno.test("parseEventBatch keeps the order of the events, each with its own data, if it has any", () => {
  const batch = `[${structured({ data: 1 })},${structured({ id: "18" })},${
    structured({ id: "19", data: [2] })
  }]`;
  const { drafts, ids, isArray, isBatch } = parseEventBatch(batch, null);
  assertEquals(drafts.map(({ data }) => data), ["1", "null", "[2]"]);
  assertEquals([ids, isArray, isBatch], [["/orders 17", "/orders 18", "/orders 19"], true, true]);
});

Deno.test("parseEventBatch accepts a batch without events", () => {
  const { drafts, isBatch } = parseEventBatch(" [] ", null);
  assertEquals([drafts, isBatch], [[], true]);
});

Deno.test("parseBinaryEvent takes the body for the data, unchanged, and none for null", () => {
  const parse = (body: string) =>
    parseBinaryEvent({ ...ATTRIBUTES, ttl: "60" }, { body, key: null }).drafts[0];
  assertEquals(parse('{"n": 1.10}\n')?.data, '{"n": 1.10}');
  assertEquals(parse('"text"')?.data, '"text"');
  assertEquals([parse("")?.data, parse("")?.ttl], ["null", 60]);
});

Deno.test("parseBinaryEvent refuses a body that is not one JSON value, even if it fits into an event", () => {
  for (const body of ["text", '1,"subject":"burr"', '1},{"data":2', "{", " ", "[1,]"]) {
    assertEquals(
      assertThrows(() => parseBinaryEvent(ATTRIBUTES, { body, key: null }), Problem).kind,
      "not-json",
    );
  }
});

Deno.test("parseBinaryEvent refuses data over 64 KiB, and data with too much structure", () => {
  for (const body of [`"${"x".repeat(65_535)}"`, `[${"1,".repeat(70_000)}1]`]) {
    assertEquals(
      assertThrows(() => parseBinaryEvent(ATTRIBUTES, { body, key: null }), Problem).kind,
      "too-large",
    );
  }
});

Deno.test("eventId joins up to 128 UTF-16 units by a space, and hashes more", () => {
  const id = "7".repeat(120);
  assertEquals(eventId({ source: "/orders", id }), `/orders ${id}`);
  assertMatch(eventId({ source: "/orders", id: `${id}7` }), /^sha256:[0-9a-f]{64}$/);
  assertNotEquals(eventId({ source: "/orders", id: `${id}7` }), eventId({ source: "/orders", id: `${id}8` }));
});

Deno.test("eventId differs for different events, whatever their sources and ids are", () => {
  const source = fc.stringMatching(/^[a-z#/:]{1,3}$/), id = fc.stringMatching(/^[a-z#/: ]{1,3}$/);
  const event = fc.record({ source, id });
  fc.assert(fc.property(event, event, (one, other) => {
    const isSame = one.source === other.source && one.id === other.id;
    assertEquals(eventId(one) === eventId(other), isSame);
  }));
});
