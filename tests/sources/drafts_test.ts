/** parseDrafts: from the text of a request to drafts for the journal, all of them or none. */

import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { Problem } from "../../src/wire/problem.ts";
import { parseDrafts } from "../../src/sources/drafts.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function refusalOf(json: string, key: string | null = null): Problem {
  return assertThrows(() => parseDrafts(json, key), Problem);
}

/** The digest of a notification that has the id 1. */
function digestOf(members: Record<string, unknown>): string | null | undefined {
  return parseDrafts(JSON.stringify({ data: 1, id: "1", ...members }), null).drafts[0]?.digest;
}

Deno.test("parseDrafts makes one draft of one notification, with nulls for what it doesn't say", () => {
  const { drafts: [draft], several } = parseDrafts('{"target": "alexander", "data": {"n": 1.0}}', null);
  assert(draft !== undefined);
  const { id, ...rest } = draft;
  assertMatch(id, UUID);
  const nothing = { ttl: null, topic: null, urgency: null, digest: null };
  assertEquals(rest, { target: "alexander", data: '{"n": 1.0}', ...nothing });
  assertEquals(several, false);
});

Deno.test("parseDrafts takes over ttl, topic, urgency and id", () => {
  const options = { ttl: 0, topic: "chat", urgency: "high", id: "message-7" };
  const { drafts: [draft] } = parseDrafts(JSON.stringify({ everyone: true, data: null, ...options }), null);
  assert(draft !== undefined);
  const { digest, ...rest } = draft;
  assertEquals<unknown>(rest, { ...options, target: null, data: "null" });
  assertMatch(String(digest), /^[\w+/]{22}$/);
});

Deno.test("parseDrafts makes a draft for each target, all with the id and digest of the one notification", () => {
  for (const id of [undefined, "mine"]) {
    const { drafts, several } = parseDrafts(JSON.stringify({ targets: ["b", "a", "c"], data: 7, id }), null);
    assertEquals([drafts.map(({ target }) => target), several], [["b", "a", "c"], true]);
    assertEquals(new Set(drafts.map(({ id, digest, data }) => `${id} ${digest} ${data}`)).size, 1);
  }
});

Deno.test("parseDrafts keeps the order of an array and of the targets within, each with its own data", () => {
  const { drafts, several } = parseDrafts(
    '[{"targets":["b","a"],"data":1.0},{"everyone":true,"data":2},{"target":"c","data":12345678901234567890}]',
    null,
  );
  assertEquals(drafts.map(({ target, data }) => [target, data]), [
    ["b", "1.0"],
    ["a", "1.0"],
    [null, "2"],
    ["c", "12345678901234567890"],
  ]);
  assertEquals(new Set(drafts.map(({ id }) => id)).size, 3, "an id for each notification");
  assertEquals(several, true);
});

Deno.test("parseDrafts takes an array of one, and one target in a list, for several", () => {
  for (const json of ['[{"target":"a","data":1}]', '{"targets":["a"],"data":1}']) {
    const { drafts, several } = parseDrafts(json, null);
    assertEquals([drafts.length, several], [1, true]);
  }
});

Deno.test("parseDrafts takes the key for the id of one notification, and numbers it in an array", () => {
  const one = '{"targets":["a","b"],"data":1}';
  assertEquals(parseDrafts(one, "key").drafts.map(({ id }) => id), ["key", "key"]);
  assertEquals(parseDrafts(`[${one}]`, "key").drafts.map(({ id }) => id), ["key.0", "key.0"]);
  assertEquals(parseDrafts(`[${one},${one}]`, "a/b").drafts.map(({ id }) => id), [
    ...["a/b.0", "a/b.0"],
    ...["a/b.1", "a/b.1"],
  ]);
});

Deno.test("parseDrafts makes the same draft of a notification with a key as with an id", () => {
  const byKey = parseDrafts('{"target":"a","data":1}', "1");
  assertEquals(byKey, parseDrafts('{"target":"a","data":1,"id":"1"}', null));
  assertNotEquals(byKey.drafts[0]?.digest, null);
});

Deno.test("parseDrafts refuses a key together with an id, wherever in an array it is", () => {
  const named = '{"target":"a","data":1,"id":"1"}';
  for (const json of [named, `[{"target":"a","data":1},${named}]`]) {
    assertEquals(refusalOf(json, "1").kind, "bad-request");
  }
});

Deno.test("parseDrafts names by a key that yields only what has no id, by its place in the array", () => {
  const named = '{"target":"a","data":1,"id":"mine"}', nameless = '{"targets":["a","b"],"data":1}';
  const key = { unlessId: "key" };
  const idsOf = (json: string) => parseDrafts(json, key).drafts.map(({ id }) => id);
  assertEquals(idsOf(named), ["mine"]);
  assertEquals(idsOf(nameless), ["key", "key"]);
  assertEquals(idsOf(`[${nameless},${named},${nameless}]`), ["key.0", "key.0", "mine", "key.2", "key.2"]);
  assertEquals(parseDrafts(nameless, key), parseDrafts(nameless, "key"));
  assertEquals(parseDrafts(named, key), parseDrafts(named, null));
});

Deno.test("parseDrafts refuses a key that yields and is no id only where it is needed", () => {
  const key = { unlessId: "a".repeat(129) };
  assertEquals(parseDrafts('{"target":"a","data":1,"id":"mine"}', key).ids, ["mine"]);
  const refusal = assertThrows(() => parseDrafts('{"target":"a","data":1}', key), Problem);
  assertEquals(refusal.kind, "does-not-fit");
});

Deno.test("parseDrafts refuses a key that is no id: with its number it may have 128 characters", () => {
  const one = '{"target":"a","data":1}';
  for (const key of ["", "a\tb", "..", "a".repeat(129)]) {
    const { kind, errors } = refusalOf(one, key);
    assertEquals([kind, errors?.map(({ path }) => path)], ["does-not-fit", ["id"]], key);
  }
  assertEquals(parseDrafts(one, "a".repeat(128)).drafts[0]?.id, "a".repeat(128));
  assertEquals(refusalOf(`[${one}]`, "a".repeat(127)).kind, "does-not-fit");
  assertEquals(parseDrafts(`[${one}]`, "a".repeat(126)).drafts[0]?.id.length, 128);
});

Deno.test("parseDrafts digests the same content to the same, and anything else to another", () => {
  const same = digestOf({ target: "a" });
  assertEquals(digestOf({ target: "a" }), same);
  const others = [
    { target: "b" },
    { everyone: true },
    { targets: ["a", "b"] },
    { target: "a", data: "1" },
    { target: "a", ttl: 1 },
    { target: "a", ttl: 0 },
    { target: "a", topic: "t" },
    { target: "a", urgency: "normal" },
  ].map(digestOf);
  assertEquals(new Set([same, ...others]).size, others.length + 1);
});

Deno.test("parseDrafts digests content apart from the order and the line breaks that it was written in", () => {
  const [one, other] = [
    '{"target":"a","data":{"n":1},"id":"1"}',
    '{\n  "id": "1",\n  "data":\n{"n":\n1},\n  "target": "a"\n}\n',
  ].map((json) => parseDrafts(json, null).drafts);
  assertEquals(one, other);
});

Deno.test("parseDrafts digests data that is equal but written differently to another digest", () => {
  const digests = ['{"n":1}', '{ "n": 1 }', '{"n":1.0}', '{"\\u006e":1}'].map((data) =>
    parseDrafts(`{"target":"a","id":"1","data":${data}}`, null).drafts[0]?.digest
  );
  assertEquals(new Set(digests).size, 4);
});

Deno.test("parseDrafts takes data of 64 KiB in UTF-8, and not a byte more", () => {
  const max = `"${"ß".repeat(32_767)}"`;
  assertEquals(parseDrafts(`{"target":"a","data": ${max} }`, null).drafts[0]?.data, max);
  for (const over of [`"${"ß".repeat(32_767)}a"`, `[${"1,".repeat(40_000)}1]`]) {
    assertEquals(refusalOf(`{"target":"a","data":${over}}`).kind, "too-large");
    assertEquals(refusalOf(`[{"target":"a","data":1},{"target":"a","data":${over}}]`).kind, "too-large");
  }
});

Deno.test("parseDrafts makes 10,000 drafts of a request, and not one more", () => {
  const thousand = { targets: numbers(1_000).map(String), data: 1 };
  const ten = numbers(10).map(() => thousand);
  assertEquals(parseDrafts(JSON.stringify(ten), null).drafts.length, 10_000);
  const problem = refusalOf(JSON.stringify([...ten, { target: "one more", data: 1 }]));
  assertEquals(problem.kind, "does-not-fit");
  assertMatch(problem.message, /10001 .* 10000/);
});

Deno.test("parseDrafts refuses what does not fit, whichever of an array it is", () => {
  for (
    const json of ["null", "[]", '[[{"target":"a","data":1}]]', '[{"target":"a","data":1},{"target":"a"}]']
  ) {
    assertEquals(refusalOf(json).kind, "does-not-fit");
  }
  assertEquals(refusalOf('{"target":"a","data":').kind, "not-json");
});
