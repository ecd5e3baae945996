/** parseDrafts turns the text of a request into drafts for the journal, or refuses it as a whole. */

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

/** Returns the digest of a notification with the id 1. */
function digestOf(members: Record<string, unknown>): string | null | undefined {
  return parseDrafts(JSON.stringify({ data: 1, id: "1", ...members }), null).drafts[0]?.digest;
}

Deno.test("parseDrafts creates one draft from one notification, with null for what is omitted", () => {
  const { drafts: [draft], isBatch } = parseDrafts('{"target": "alexander", "data": {"n": 1.0}}', null);
  assert(draft !== undefined);
  const { id, ...rest } = draft;
  assertMatch(id, UUID);
  const omitted = { ttl: null, topic: null, urgency: null, push: null, digest: null };
  assertEquals(rest, { target: "alexander", data: '{"n": 1.0}', ...omitted });
  assertEquals(isBatch, false);
});

Deno.test("parseDrafts copies ttl, topic, urgency and id", () => {
  const options = { ttl: 0, topic: "chat", urgency: "high", id: "message-7" };
  const { drafts: [draft] } = parseDrafts(JSON.stringify({ everyone: true, data: null, ...options }), null);
  assert(draft !== undefined);
  const { digest, ...rest } = draft;
  assertEquals<unknown>(rest, { ...options, target: null, data: "null", push: null });
  assertMatch(String(digest), /^[\w+/]{22}$/);
});

Deno.test("parseDrafts fills in what a push does not say, and makes it a part of the content", () => {
  const pushes = [
    [true, { after: 10, title: null, body: null, navigate: null }],
    [{}, { after: 10, title: null, body: null, navigate: null }],
    [{ after: 0, title: "T", body: "B", navigate: "/n" }, {
      after: 0,
      title: "T",
      body: "B",
      navigate: "/n",
    }],
  ] as const;
  for (const [push, expected] of pushes) {
    const { drafts: [draft] } = parseDrafts(JSON.stringify({ target: "a", data: 1, push }), null);
    assertEquals([draft?.push, draft?.digest], [expected, null]);
  }
  const at = "2026-01-01T00:00:00Z";
  const digests = [{}, { push: true }, { push: { after: 1 } }, { at }, { at, push: true }].map((more) =>
    digestOf({ target: "a", ...more })
  );
  assertEquals(new Set(digests).size, digests.length);
  assertEquals(digestOf({ target: "a", push: {} }), digestOf({ target: "a", push: true }));
});

Deno.test("parseDrafts refuses a push to everyone, one after the notification has ended, and more than 1,000", () => {
  const targets = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `t${from + n}`);
  const refused = [
    [{ everyone: true, push: true }, "push"],
    [{ target: "a", ttl: 10, push: true }, "push"],
    [{ target: "a", ttl: 0, push: { after: 0 } }, "push"],
    [{ target: "a", ttl: 60, push: { after: 60 } }, "push"],
    [{ target: "a", push: { after: -1 } }, "push.after"],
    [{ target: "a", push: { after: 86_401 } }, "push.after"],
    [{ target: "a", push: { after: 1.5 } }, "push.after"],
    [{ target: "a", push: { later: 1 } }, "push"],
    [{ target: "a", push: false }, "push"],
  ] as const;
  for (const [notification, path] of refused) {
    const { kind, errors } = refusalOf(JSON.stringify({ data: 1, ...notification }), null);
    assertEquals([kind, errors?.[0]?.path], ["does-not-fit", path], JSON.stringify(notification));
  }
  const many = [{ targets: targets(600), data: 1, push: true }, {
    targets: targets(400),
    data: 1,
    push: true,
  }];
  assertEquals(parseDrafts(JSON.stringify(many), null).drafts.length, 1_000);
  const more = [...many, { target: "a", data: 1, push: true }];
  assertEquals(refusalOf(JSON.stringify(more), null).kind, "does-not-fit");
  assertEquals(parseDrafts(JSON.stringify([...many, { target: "a", data: 1 }]), null).drafts.length, 1_001);
  assertEquals(parseDrafts('{"target":"a","data":1,"ttl":11,"push":true}', null).drafts.length, 1);
});

Deno.test("parseDrafts creates a draft for each target, all with the same id and digest", () => {
  for (const id of [undefined, "mine"]) {
    const { drafts, isBatch } = parseDrafts(JSON.stringify({ targets: ["b", "a", "c"], data: 7, id }), null);
    assertEquals([drafts.map(({ target }) => target), isBatch], [["b", "a", "c"], true]);
    assertEquals(new Set(drafts.map(({ id, digest, data }) => `${id} ${digest} ${data}`)).size, 1);
  }
});

Deno.test("parseDrafts keeps the order of an array and of the targets within, each with its own data", () => {
  const { drafts, isBatch } = parseDrafts(
    '[{"targets":["b","a"],"data":1.0},{"everyone":true,"data":2},{"target":"c","data":12345678901234567890}]',
    null,
  );
  assertEquals(drafts.map(({ target, data }) => [target, data]), [
    ["b", "1.0"],
    ["a", "1.0"],
    [null, "2"],
    ["c", "12345678901234567890"],
  ]);
  assertEquals(new Set(drafts.map(({ id }) => id)).size, 3, "each notification has its own id");
  assertEquals(isBatch, true);
});

Deno.test("parseDrafts treats an array of one notification, and a list of one target, as a batch", () => {
  for (const json of ['[{"target":"a","data":1}]', '{"targets":["a"],"data":1}']) {
    const { drafts, isBatch } = parseDrafts(json, null);
    assertEquals([drafts.length, isBatch], [1, true]);
  }
});

Deno.test("parseDrafts uses the key as the id of one notification, and numbers it in an array", () => {
  const one = '{"targets":["a","b"],"data":1}';
  assertEquals(parseDrafts(one, "key").drafts.map(({ id }) => id), ["key", "key"]);
  assertEquals(parseDrafts(`[${one}]`, "key").drafts.map(({ id }) => id), ["key.0", "key.0"]);
  assertEquals(parseDrafts(`[${one},${one}]`, "a/b").drafts.map(({ id }) => id), [
    ...["a/b.0", "a/b.0"],
    ...["a/b.1", "a/b.1"],
  ]);
});

Deno.test("parseDrafts creates the same draft for a key as for an id", () => {
  const byKey = parseDrafts('{"target":"a","data":1}', "1");
  assertEquals(byKey, parseDrafts('{"target":"a","data":1,"id":"1"}', null));
  assertNotEquals(byKey.drafts[0]?.digest, null);
});

Deno.test("parseDrafts refuses a key together with an id, anywhere in an array", () => {
  const withId = '{"target":"a","data":1,"id":"1"}';
  for (const json of [withId, `[{"target":"a","data":1},${withId}]`]) {
    assertEquals(refusalOf(json, "1").kind, "bad-request");
  }
});

Deno.test("parseDrafts applies a fallback key only to notifications without an id, by their index in the array", () => {
  const withId = '{"target":"a","data":1,"id":"mine"}', withoutId = '{"targets":["a","b"],"data":1}';
  const key = { fallback: "key" };
  const idsOf = (json: string) => parseDrafts(json, key).drafts.map(({ id }) => id);
  assertEquals(idsOf(withId), ["mine"]);
  assertEquals(idsOf(withoutId), ["key", "key"]);
  assertEquals(idsOf(`[${withoutId},${withId},${withoutId}]`), ["key.0", "key.0", "mine", "key.2", "key.2"]);
  assertEquals(parseDrafts(withoutId, key), parseDrafts(withoutId, "key"));
  assertEquals(parseDrafts(withId, key), parseDrafts(withId, null));
});

Deno.test("parseDrafts refuses an invalid fallback key only if a notification needs it", () => {
  const key = { fallback: "a".repeat(129) };
  assertEquals(parseDrafts('{"target":"a","data":1,"id":"mine"}', key).ids, ["mine"]);
  const refusal = assertThrows(() => parseDrafts('{"target":"a","data":1}', key), Problem);
  assertEquals(refusal.kind, "does-not-fit");
});

Deno.test("parseDrafts refuses a key that is not a valid id, with its number included in the limit of 128 characters", () => {
  const one = '{"target":"a","data":1}';
  for (const key of ["", "a\tb", "..", "a".repeat(129)]) {
    const { kind, errors } = refusalOf(one, key);
    assertEquals([kind, errors?.map(({ path }) => path)], ["does-not-fit", ["id"]], key);
  }
  assertEquals(parseDrafts(one, "a".repeat(128)).drafts[0]?.id, "a".repeat(128));
  assertEquals(refusalOf(`[${one}]`, "a".repeat(127)).kind, "does-not-fit");
  assertEquals(parseDrafts(`[${one}]`, "a".repeat(126)).drafts[0]?.id.length, 128);
});

Deno.test("parseDrafts computes equal digests for equal content, and different ones otherwise", () => {
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

Deno.test("parseDrafts computes a digest that does not depend on the order of fields or on line breaks", () => {
  const [one, other] = [
    '{"target":"a","data":{"n":1},"id":"1"}',
    '{\n  "id": "1",\n  "data":\n{"n":\n1},\n  "target": "a"\n}\n',
  ].map((json) => parseDrafts(json, null).drafts);
  assertEquals(one, other);
});

Deno.test("parseDrafts computes another digest for equal data that is written differently", () => {
  const digests = ['{"n":1}', '{ "n": 1 }', '{"n":1.0}', '{"\\u006e":1}'].map((data) =>
    parseDrafts(`{"target":"a","id":"1","data":${data}}`, null).drafts[0]?.digest
  );
  assertEquals(new Set(digests).size, 4);
});

Deno.test("parseDrafts accepts data of 64 KiB in UTF-8, and not a byte more", () => {
  const max = `"${"ß".repeat(32_767)}"`;
  assertEquals(parseDrafts(`{"target":"a","data": ${max} }`, null).drafts[0]?.data, max);
  for (const over of [`"${"ß".repeat(32_767)}a"`, `[${"1,".repeat(40_000)}1]`]) {
    assertEquals(refusalOf(`{"target":"a","data":${over}}`).kind, "too-large");
    assertEquals(refusalOf(`[{"target":"a","data":1},{"target":"a","data":${over}}]`).kind, "too-large");
  }
});

Deno.test("parseDrafts creates up to 10,000 drafts from a request", () => {
  const thousand = { targets: numbers(1_000).map(String), data: 1 };
  const ten = numbers(10).map(() => thousand);
  assertEquals(parseDrafts(JSON.stringify(ten), null).drafts.length, 10_000);
  const problem = refusalOf(JSON.stringify([...ten, { target: "one more", data: 1 }]));
  assertEquals(problem.kind, "does-not-fit");
  assertMatch(problem.message, /10,000 .* 10,001/);
});

Deno.test("parseDrafts refuses what does not match the schema, anywhere in an array", () => {
  for (
    const json of ["null", "[]", '[[{"target":"a","data":1}]]', '[{"target":"a","data":1},{"target":"a"}]']
  ) {
    assertEquals(refusalOf(json).kind, "does-not-fit");
  }
  assertEquals(refusalOf('{"target":"a","data":').kind, "not-json");
});
