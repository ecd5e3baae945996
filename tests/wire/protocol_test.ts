/** The schemas of the protocol: what publishers and browsers may send, and how violations are described. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { z } from "zod";
import { Problem, type Violation } from "../../src/wire/problem.ts";
import { Id, Target } from "../../src/wire/names.ts";
import {
  BrowserMessage,
  BrowserMessages,
  Notify,
  NotifyMany,
  parseAs,
  parseJson,
  parseNotifications,
  ReceivedRequest,
  TokenRequest,
} from "../../src/wire/protocol.ts";

/** Returns the violations of a value, which must not match the schema. */
function violationsOf(schema: z.ZodType, value: unknown): readonly Violation[] {
  const problem = assertThrows(() => parseAs(schema, value), Problem);
  assertEquals(problem.kind, "does-not-fit");
  assert(problem.errors !== undefined && problem.errors.length > 0);
  return problem.errors;
}

function many<T>(length: number, one: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => one(index));
}

const NAMES = ["a", "ſhip/№ 7?#%", "…", " ", "🗽".repeat(64), "a".repeat(128), "\u{10ffff}", "__proto__"];
const INVALID_NAMES: readonly [string, unknown][] = [
  ["empty", ""],
  ["a line break", "a\nb"],
  ["NUL", "\0"],
  ["DEL", "a\x7f"],
  ["a C1 control character", "\x85"],
  ["a lone high surrogate", "a\ud83d"],
  ["a lone low surrogate", "\udc00a"],
  ["swapped surrogates", "\udc00\ud83d"],
  ["a number", 7],
  ["null", null],
  ["an array", ["a"]],
];

for (const [schema, name, max] of [[Target, "Target", 256], [Id, "Id", 128]] as const) {
  Deno.test(`${name} is any printable text of 1 to ${max} characters`, () => {
    for (const text of [...NAMES, "a".repeat(max)]) assertEquals(schema.parse(text), text);
    violationsOf(schema, "a".repeat(max + 1));
  });

  for (const [description, value] of INVALID_NAMES) {
    Deno.test(`${name} is not ${description}`, () => {
      assertEquals(violationsOf(schema, value)[0]?.path, "");
    });
  }
}

Deno.test("Target is measured in UTF-16 units", () => {
  assertEquals(Target.parse("🗽".repeat(128)).length, 256);
  violationsOf(Target, "🗽".repeat(128) + "a");
});

for (const [schema, name] of [[Target, "Target"], [Id, "Id"]] as const) {
  Deno.test(`${name} is neither . nor .., which would vanish from a URL, but may be any other dots`, () => {
    for (const text of [".", ".."]) {
      assertEquals(violationsOf(schema, text), [{ path: "", message: "`.` and `..` are not allowed" }]);
    }
    for (const text of ["...", ".a", "a.", "./"]) assertEquals(schema.parse(text), text);
  });
}

const VALID: readonly [string, Record<string, unknown>][] = [
  ["one target", { target: "alexander" }],
  ["several targets", { targets: ["alexander", "burr"] }],
  ["a thousand targets", { targets: many(1_000, String) }],
  ["everyone", { everyone: true }],
  ["data that is null", { target: "alexander", data: null }],
  ["data that is false", { target: "alexander", data: false }],
  ["all optional fields", {
    target: "alexander",
    id: "1",
    ttl: 0,
    topic: "Az09-_".repeat(5) + "ab",
    urgency: "very-low",
  }],
];

for (const [description, members] of VALID) {
  Deno.test(`Notify accepts ${description}`, () => {
    const notification = { data: { title: "Hello" }, ...members };
    assertEquals<unknown>(Notify.parse(notification), notification);
  });
}

const ALEXANDER = { target: "alexander", data: 1 };

/** Each with its description, the value, and the paths of its violations. */
const INVALID: readonly [string, unknown, string[]][] = [
  ["no target at all", { data: 1 }, [""]],
  ["target and targets", { ...ALEXANDER, targets: ["burr"] }, [""]],
  ["target and everyone", { ...ALEXANDER, everyone: true }, [""]],
  ["1,001 targets", { targets: many(1_001, String), data: 1 }, ["targets"]],
  ["a repeated target", { targets: ["a", "b", "a"], data: 1 }, ["targets"]],
  ["an invalid target among several", { targets: ["a", ".."], data: 1 }, ["targets.1"]],
  ["no data", { target: "alexander" }, ["data"]],
  ["an unknown field", { ...ALEXANDER, title: "Hello" }, [""]],
  ["the unknown field __proto__", { ...ALEXANDER, ["__proto__"]: {} }, [""]],
  ["an id of 129 characters", { ...ALEXANDER, id: "a".repeat(129) }, ["id"]],
  ["a negative ttl", { ...ALEXANDER, ttl: -1 }, ["ttl"]],
  ["a ttl that is infinite", { ...ALEXANDER, ttl: Infinity }, ["ttl"]],
  ["a topic of 33 characters", { ...ALEXANDER, topic: "a".repeat(33) }, ["topic"]],
  ["a topic with a dot", { ...ALEXANDER, topic: "a.b" }, ["topic"]],
  ["a topic that ends in a line break", { ...ALEXANDER, topic: "a\n" }, ["topic"]],
  ["an unknown urgency", { ...ALEXANDER, urgency: "urgent" }, ["urgency"]],
  ["several violations", { target: "", data: 1, ttl: -1, urgency: 1 }, ["target", "ttl", "urgency"]],
  ["null", null, [""]],
];

for (const [description, value, paths] of INVALID) {
  Deno.test(`Notify refuses ${description}, and names its path`, () => {
    assertEquals(violationsOf(Notify, value).map(({ path }) => path), paths);
  });
}

Deno.test("NotifyMany accepts 1 to 1,000 notifications, and names the one that is invalid", () => {
  const thousand = many(1_000, () => ALEXANDER);
  assertEquals(NotifyMany.parse(thousand).length, 1_000);
  assertEquals(violationsOf(NotifyMany, [...thousand, ALEXANDER])[0]?.path, "");
  assertEquals(violationsOf(NotifyMany, [])[0]?.path, "");
  assertEquals(violationsOf(NotifyMany, [ALEXANDER, { ...ALEXANDER, ttl: -1 }])[0]?.path, "1.ttl");
});

/** Returns the result of a call, or the violations that it throws. */
function outcomeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.errors;
  }
}

Deno.test("parseNotifications returns what Notify and NotifyMany return, whatever the request contains", () => {
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
  const target = fc.oneof(fc.constantFrom("alexander", "名", "", ".", "a\nb", "a".repeat(257), 7, null));
  const notification = fc.oneof(
    { weight: 5, arbitrary: fc.record({ target, data: fc.jsonValue() }) },
    {
      weight: 3,
      arbitrary: fc.record({ target: some(target), data: some(fc.jsonValue()), ttl: some(fc.nat()) }),
    },
    { weight: 1, arbitrary: fc.record({ target, data: fc.jsonValue(), ["__proto__"]: fc.jsonValue() }) },
    fc.jsonValue(),
  );
  const body = fc.oneof(notification, fc.array(notification, { maxLength: 5 }));
  fc.assert(fc.property(body, (body) => {
    const json: unknown = JSON.parse(JSON.stringify(body));
    assertEquals(
      outcomeOf(() => parseNotifications(json)),
      outcomeOf(() => Array.isArray(json) ? parseAs(NotifyMany, json) : [parseAs(Notify, json)]),
    );
  }));
  assertEquals(parseNotifications(many(1_000, () => ALEXANDER)).length, 1_000);
  assertThrows(() => parseNotifications(many(1_001, () => ALEXANDER)), Problem);
});

Deno.test("TokenRequest is a target and a lifetime, of one hour by default and of at most 30 days", () => {
  assertEquals(TokenRequest.parse({ target: "a" }), { target: "a", expires_in: 3_600 });
  for (const expires_in of [1, 2_592_000]) TokenRequest.parse({ target: "a", expires_in });
  for (const expires_in of [0, 2_592_001, 1.5, "60", null]) {
    assertEquals(violationsOf(TokenRequest, { target: "a", expires_in })[0]?.path, "expires_in");
  }
  assertEquals(violationsOf(TokenRequest, { target: "a", sub: "b" })[0]?.message, 'Unrecognized key: "sub"');
  assertEquals(violationsOf(TokenRequest, {})[0]?.path, "target");
});

Deno.test("BrowserMessage is an ack of 1 to 1,000 ids, or a message with any data", () => {
  for (const ids of [["1"], many(1_000, String)]) BrowserMessage.parse({ type: "ack", ids });
  for (const data of [null, false, "", { a: [1] }]) BrowserMessage.parse({ type: "message", data });
});

/** Creates nested arrays or objects, depending on the brackets. */
function nested(levels: number, [open, close]: [string, string]): unknown {
  return JSON.parse(open.repeat(levels) + "1" + close.repeat(levels));
}

Deno.test("BrowserMessage accepts data with 100 levels of nesting, and no more", () => {
  for (const brackets of [["[", "]"], ['{"a":', "}"]] as [string, string][]) {
    BrowserMessage.parse({ type: "message", data: nested(100, brackets) });
    for (const levels of [101, 8_000]) {
      const violations = violationsOf(BrowserMessage, {
        type: "message",
        data: [1, nested(levels - 1, brackets)],
      });
      assertEquals(violations, [{ path: "data", message: "is limited to 100 levels of nesting" }]);
    }
  }
});

const INVALID_MESSAGES: readonly [string, unknown, string][] = [
  ["an unknown type", { type: "subscribe", data: 1 }, "type"],
  ["no type", { data: 1 }, "type"],
  ["an ack of nothing", { type: "ack", ids: [] }, "ids"],
  ["an ack of 1,001 ids", { type: "ack", ids: many(1_001, String) }, "ids"],
  ["an ack of an empty id", { type: "ack", ids: ["1", ""] }, "ids.1"],
  ["an ack with another field", { type: "ack", ids: ["1"], data: 1 }, ""],
  ["a message without data", { type: "message" }, "data"],
  ["a message with another field", { type: "message", data: 1, to: "burr" }, ""],
];

for (const [description, value, path] of INVALID_MESSAGES) {
  Deno.test(`BrowserMessage refuses ${description}`, () => {
    assertEquals(violationsOf(BrowserMessage, value)[0]?.path, path);
  });
}

Deno.test("BrowserMessages are 1 to 250", () => {
  const message = { type: "message", data: 1 };
  assertEquals(BrowserMessages.parse(many(250, () => message)).length, 250);
  for (const count of [0, 251]) violationsOf(BrowserMessages, many(count, () => message));
});

Deno.test("parseJson parses JSON, and refuses everything else with the parser's own message", () => {
  assertEquals(parseJson(' {"a": [1]}\n'), { a: [1] });
  for (
    const text of ["", " ", "{", "{'a': 1}", "undefined", "NaN", '"\n"', "[1,]", "1 2", "[".repeat(100_000)]
  ) {
    const problem = assertThrows(() => parseJson(text), Problem);
    assertEquals(problem.kind, "not-json");
    assert(problem.cause instanceof SyntaxError);
    assertEquals(problem.message, problem.cause.message);
  }
});

Deno.test("parseAs returns the output of the schema", () => {
  assertEquals(parseAs(z.string().transform(Number), "7"), 7);
});

Deno.test("parseAs names the first violation and its path in the detail", () => {
  const schema = z.object({ a: z.array(z.literal(1)) });
  const inside = assertThrows(() => parseAs(schema, { a: [1, 2, 3] }), Problem);
  assertEquals(inside.message, "a.1: Invalid input: expected 1");
  assertEquals(inside.errors?.map(({ path }) => path), ["a.1", "a.2"]);
  const whole = assertThrows(() => parseAs(schema, 7), Problem);
  assertEquals(whole.message, "Invalid input: expected object, received number");
});

Deno.test("parseAs names the violations of the form that a value almost has, if it may have several", () => {
  const schema = z.object({
    a: z.union([z.literal(true), z.strictObject({ b: z.int(), c: z.string() })], "no form"),
  });
  assertEquals(violationsOf(schema, { a: { b: 1.5, c: 1 } }).map(({ path }) => path), ["a.b", "a.c"]);
  assertEquals(violationsOf(schema, { a: { b: 1, c: "", d: 1 } }), [
    { path: "a", message: 'Unrecognized key: "d"' },
  ]);
  for (const a of [false, 7, null]) {
    assertEquals(violationsOf(schema, { a }), [{ path: "a", message: "no form" }]);
  }
});

Deno.test("parseAs names at most 20 violations", () => {
  assertEquals(violationsOf(z.array(z.string()), many(1_000, Number)).length, 20);
  const inOneField = z.union([z.literal(true), z.array(z.string())]);
  assertEquals(violationsOf(inOneField, many(1_000, Number)).length, 20);
});

Deno.test("parseAs limits a message to 200 characters", () => {
  const violations = violationsOf(z.strictObject({}), { ["a".repeat(60_000)]: 1 });
  assertEquals(violations.map(({ message }) => message), [`Unrecognized key: "${"a".repeat(181)}`]);
});

/** An array of this length that counts how many of its elements are read. */
function countingArray(length: number): { array: unknown[]; reads: () => number } {
  const array = Array.from({ length }, () => null);
  let reads = 0;
  const element = { get: () => (reads++, {}), enumerable: true };
  for (let index = 0; index < length; index++) Object.defineProperty(array, index, element);
  return { array, reads: () => reads };
}

for (
  const [field, parse] of [
    ["notifications", (array) => parseNotifications(array)],
    ["targets", (targets) => parseNotifications({ targets, data: 1 })],
    ["messages", (messages) => parseAs(ReceivedRequest, { connection: "x", messages })],
    ["ids", (ids) => parseAs(BrowserMessages, [{ type: "ack", ids }])],
  ] satisfies [string, (array: unknown[]) => unknown][]
) {
  Deno.test(`The number of ${field} is checked before the elements, because they could keep the event loop busy`, () => {
    const { array, reads } = countingArray(1_001);
    assertThrows(() => parse(array), Problem);
    assertEquals(reads(), 0);
  });
}
