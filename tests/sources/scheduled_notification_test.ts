/** A scheduled notification becomes a record, and the same drafts again. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { parseDrafts } from "../../src/sources/drafts.ts";
import { freshId, toDrafts, toRecord, withoutTarget } from "../../src/sources/scheduled_notification.ts";
import { Problem } from "../../src/wire/problem.ts";

const NOW = Date.UTC(1804, 6, 11, 7);
const DAY_MS = 24 * 60 * 60 * 1000;

function recordOf(members: Record<string, unknown>) {
  const body = JSON.stringify({ target: "alexander", data: 1, id: "duel", ...members });
  const { drafts, scheduled: [notification] } = parseDrafts(body, null);
  assert(notification !== undefined);
  return { drafts, record: toRecord(notification, { drafts, now: NOW }) };
}

Deno.test("toDrafts returns the drafts of which toRecord has made a record", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) =>
    !/\p{Cc}/u.test(text) && text !== "." && text !== ".."
  );
  const targets = fc.uniqueArray(text, { minLength: 1, maxLength: 5 });
  const options = { ttl: fc.option(fc.nat(), { nil: undefined }), topic: fc.constantFrom(undefined, "t") };
  const members = fc.record({ targets, id: text, data: fc.jsonValue(), ...options });
  fc.assert(fc.property(members, ({ targets, ...rest }) => {
    const body = { ...rest, targets, at: new Date(NOW + 1).toISOString() };
    const { drafts, scheduled: [notification] } = parseDrafts(JSON.stringify(body), null);
    assert(notification !== undefined);
    assertEquals(toDrafts(toRecord(notification, { drafts, now: NOW })), drafts);
  }));
});

Deno.test("toRecord is due at once if the time has passed", () => {
  const { record } = recordOf({ at: "1804-07-11T06:59:59Z" });
  assertEquals([record.addedAt, record.dueAt], [NOW, NOW]);
});

Deno.test("toRecord accepts a time that is 30 days ahead, and not a millisecond more", () => {
  assertEquals(recordOf({ at: new Date(NOW + 30 * DAY_MS).toISOString() }).record.dueAt, NOW + 30 * DAY_MS);
  const late = new Date(NOW + 30 * DAY_MS + 1).toISOString();
  const problem = assertThrows(() => recordOf({ at: late }), Problem);
  assertEquals([problem.kind, problem.errors], [
    "does-not-fit",
    [{ path: "at", message: "is limited to 30 days ahead" }],
  ]);
});

Deno.test("parseDrafts has at in the digest only if it is given, and by its value", () => {
  const { drafts: [without] } = parseDrafts('{"target":"alexander","data":1,"id":"duel"}', null);
  const { drafts: [one] } = recordOf({ at: "1804-07-12T07:00:00Z" });
  const { drafts: [same] } = recordOf({ at: "1804-07-12T09:00:00+02:00" });
  const { drafts: [other] } = recordOf({ at: "1804-07-12T07:00:01Z" });
  assertEquals(one?.digest, same?.digest);
  assertEquals(new Set([without?.digest, one?.digest, other?.digest]).size, 3);
  assertEquals(without?.digest, "GRTrfE+0ZBSU3aF+Vpd96U"); // of versions that know no `at`
});

Deno.test("parseDrafts gives a scheduled notification a digest, also if its id is generated", () => {
  const { drafts: [draft] } = parseDrafts(
    '{"target":"alexander","data":1,"at":"1804-07-12T07:00:00Z"}',
    null,
  );
  assertEquals(draft?.digest?.length, 22);
});

Deno.test("parseDrafts says which notifications of an array are scheduled", () => {
  const body = [
    { target: "a", data: 1 },
    { targets: ["a", "b"], data: 2, at: "1804-07-12T07:00:00Z" },
    { everyone: true, data: 3, at: "1804-07-12T07:00:01Z" },
  ];
  const { scheduled } = parseDrafts(JSON.stringify(body), "key");
  const at = NOW + DAY_MS;
  assertEquals(scheduled, [{ at, path: "1.at", from: 1, to: 3 }, {
    at: at + 1_000,
    path: "2.at",
    from: 3,
    to: 4,
  }]);
});

Deno.test("freshId is the same for the same record, and a valid id", () => {
  const { record } = recordOf({ at: "1804-07-12T07:00:00Z" });
  assertEquals(freshId(record), freshId({ ...record }));
  assert(/^[\w-]{22}$/.test(freshId(record)));
  assert(freshId(record) !== freshId({ ...record, addedAt: NOW + 1 }));
});

Deno.test("withoutTarget leaves the other targets of a notification, and its data as it is", () => {
  const { record: { content } } = recordOf({
    target: undefined,
    targets: ["alexander", "eliza"],
    at: "1804-07-12T00:00:00Z",
  });
  const left = withoutTarget(content, "alexander");
  assert(left !== null);
  assertEquals(toDrafts({ content: left, digest: "" }).map(({ target, data }) => [target, data]), [[
    "eliza",
    "1",
  ]]);
  assertEquals([withoutTarget(left, "eliza"), withoutTarget(content, "burr")], [null, content]);
  assertEquals(withoutTarget("of another version", "alexander"), "of another version");
});

for (
  const [what, change] of [
    ["data that is no JSON", (content: string) => content.replace("\n1", "\n{")],
    ["no data", (content: string) => content.split("\n")[0] ?? ""],
    ["targets in a text", (content: string) => content.replace('["alexander"]', '"alexander"')],
    ["a target that is a number", (content: string) => content.replace('["alexander"]', "[5]")],
    ["an id that is a number", (content: string) => content.replace('"duel"', "5")],
    ["a topic that is none", (content: string) => content.replace('"topic":null', '"topic":"a.b"')],
    ["a push of another form", (content: string) => content.replace('"push":null', '"push":true')],
  ] as const
) {
  Deno.test(`toDrafts refuses a record with ${what}, which somebody else has written`, () => {
    const { record } = recordOf({ at: "1804-07-12T07:00:00Z" });
    assertThrows(() => toDrafts({ ...record, content: change(record.content) }));
  });
}
