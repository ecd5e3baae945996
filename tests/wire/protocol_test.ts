/** The wire's schemas: what publishers and browsers may send, and how a misfit is described. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { z } from "zod";
import { Problem, type Violation } from "../../src/wire/problem.ts";
import {
  BrowserMessage,
  BrowserMessages,
  Id,
  Notify,
  NotifyMany,
  parseAs,
  parseJson,
  parseNotifications,
  Target,
  TokenRequest,
} from "../../src/wire/protocol.ts";

/** What is wrong with a value, which must not fit. */
function misfitsOf(schema: z.ZodType, value: unknown): readonly Violation[] {
  const problem = assertThrows(() => parseAs(schema, value), Problem);
  assertEquals(problem.kind, "does-not-fit");
  assert(problem.errors !== undefined && problem.errors.length > 0);
  return problem.errors;
}

function many<T>(length: number, one: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => one(index));
}

const NAMES = ["a", "ſhip/№ 7?#%", "…", " ", "🗽".repeat(64), "a".repeat(128), "\u{10ffff}", "__proto__"];
const NO_NAMES: readonly [string, unknown][] = [
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

for (const [schema, word, longest] of [[Target, "Target", 256], [Id, "Id", 128]] as const) {
  Deno.test(`${word} is any printable text of 1 to ${longest} characters`, () => {
    for (const name of [...NAMES, "a".repeat(longest)]) assertEquals(schema.parse(name), name);
    misfitsOf(schema, "a".repeat(longest + 1));
  });

  for (const [what, value] of NO_NAMES) {
    Deno.test(`${word} is not ${what}`, () => {
      assertEquals(misfitsOf(schema, value)[0]?.path, "");
    });
  }
}

Deno.test("Target is measured in UTF-16 units", () => {
  assertEquals(Target.parse("🗽".repeat(128)).length, 256);
  misfitsOf(Target, "🗽".repeat(128) + "a");
});

for (const [schema, word] of [[Target, "Target"], [Id, "Id"]] as const) {
  Deno.test(`${word} is neither . nor .., which would vanish from a URL, but may be any other dots`, () => {
    for (const name of [".", ".."]) {
      assertEquals(misfitsOf(schema, name), [{ path: "", message: "`.` and `..` are not allowed" }]);
    }
    for (const name of ["...", ".a", "a.", "./"]) assertEquals(schema.parse(name), name);
  });
}

const FITTING: readonly [string, Record<string, unknown>][] = [
  ["one target", { target: "alexander" }],
  ["several targets", { targets: ["alexander", "burr"] }],
  ["a thousand targets", { targets: many(1_000, String) }],
  ["everyone", { everyone: true }],
  ["data that is null", { target: "alexander", data: null }],
  ["data that is false", { target: "alexander", data: false }],
  ["all that may be said", {
    target: "alexander",
    id: "1",
    ttl: 0,
    topic: "Az09-_".repeat(5) + "ab",
    urgency: "very-low",
  }],
];

for (const [what, members] of FITTING) {
  Deno.test(`Notify takes ${what}`, () => {
    const notification = { data: { title: "Hello" }, ...members };
    assertEquals<unknown>(Notify.parse(notification), notification);
  });
}

const ALEXANDER = { target: "alexander", data: 1 };

/** Of each: what it is, the notification, and the paths of what is wrong. */
const MISFITTING: readonly [string, unknown, string[]][] = [
  ["no target at all", { data: 1 }, [""]],
  ["target and targets", { ...ALEXANDER, targets: ["burr"] }, [""]],
  ["target and everyone", { ...ALEXANDER, everyone: true }, [""]],
  ["1,001 targets", { targets: many(1_001, String), data: 1 }, ["targets"]],
  ["a repeated target", { targets: ["a", "b", "a"], data: 1 }, ["targets"]],
  ["a bad one among the targets", { targets: ["a", ".."], data: 1 }, ["targets.1"]],
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
  ["several things wrong", { target: "", data: 1, ttl: -1, urgency: 1 }, ["target", "ttl", "urgency"]],
  ["null", null, [""]],
];

for (const [what, value, paths] of MISFITTING) {
  Deno.test(`Notify refuses ${what}, and says where it is`, () => {
    assertEquals(misfitsOf(Notify, value).map(({ path }) => path), paths);
  });
}

Deno.test("NotifyMany takes 1 to 1,000 notifications, and says which one is wrong", () => {
  const thousand = many(1_000, () => ALEXANDER);
  assertEquals(NotifyMany.parse(thousand).length, 1_000);
  assertEquals(misfitsOf(NotifyMany, [...thousand, ALEXANDER])[0]?.path, "");
  assertEquals(misfitsOf(NotifyMany, [])[0]?.path, "");
  assertEquals(misfitsOf(NotifyMany, [ALEXANDER, { ...ALEXANDER, ttl: -1 }])[0]?.path, "1.ttl");
});

/** What a call makes of it: a value, or the misfits. */
function outcomeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.errors;
  }
}

Deno.test("notificationsIn finds what Notify and NotifyMany find, in whatever a request may have", () => {
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

Deno.test("TokenRequest is a target and a life of an hour, or of up to 30 days", () => {
  assertEquals(TokenRequest.parse({ target: "a" }), { target: "a", expires_in: 3_600 });
  for (const expires_in of [1, 2_592_000]) TokenRequest.parse({ target: "a", expires_in });
  for (const expires_in of [0, 2_592_001, 1.5, "60", null]) {
    assertEquals(misfitsOf(TokenRequest, { target: "a", expires_in })[0]?.path, "expires_in");
  }
  assertEquals(misfitsOf(TokenRequest, { target: "a", sub: "b" })[0]?.message, 'Unrecognized key: "sub"');
  assertEquals(misfitsOf(TokenRequest, {})[0]?.path, "target");
});

Deno.test("BrowserMessage is an ack of 1 to 1,000 ids, or a message with any data", () => {
  for (const ids of [["1"], many(1_000, String)]) BrowserMessage.parse({ type: "ack", ids });
  for (const data of [null, false, "", { a: [1] }]) BrowserMessage.parse({ type: "message", data });
});

/** JSON of an array in an array, and so on, or of objects. */
function nested(levels: number, [open, close]: [string, string]): unknown {
  return JSON.parse(open.repeat(levels) + "1" + close.repeat(levels));
}

Deno.test("BrowserMessage takes data that is nested a hundred deep, and no deeper", () => {
  for (const brackets of [["[", "]"], ['{"a":', "}"]] as [string, string][]) {
    BrowserMessage.parse({ type: "message", data: nested(100, brackets) });
    for (const levels of [101, 8_000]) {
      const misfits = misfitsOf(BrowserMessage, { type: "message", data: [1, nested(levels - 1, brackets)] });
      assertEquals(misfits, [{ path: "data", message: "may be nested 100 deep" }]);
    }
  }
});

const NO_MESSAGES: readonly [string, unknown, string][] = [
  ["an unknown type", { type: "subscribe", data: 1 }, "type"],
  ["no type", { data: 1 }, "type"],
  ["an ack of nothing", { type: "ack", ids: [] }, "ids"],
  ["an ack of 1,001 ids", { type: "ack", ids: many(1_001, String) }, "ids"],
  ["an ack of an empty id", { type: "ack", ids: ["1", ""] }, "ids.1"],
  ["an ack with a field more", { type: "ack", ids: ["1"], data: 1 }, ""],
  ["a message without data", { type: "message" }, "data"],
  ["a message with a field more", { type: "message", data: 1, to: "burr" }, ""],
];

for (const [what, value, path] of NO_MESSAGES) {
  Deno.test(`BrowserMessage refuses ${what}`, () => {
    assertEquals(misfitsOf(BrowserMessage, value)[0]?.path, path);
  });
}

Deno.test("BrowserMessages are 1 to 1,000", () => {
  const message = { type: "message", data: 1 };
  assertEquals(BrowserMessages.parse(many(1_000, () => message)).length, 1_000);
  for (const count of [0, 1_001]) misfitsOf(BrowserMessages, many(count, () => message));
});

Deno.test("parseJson reads JSON, and refuses everything else with the parser's own words", () => {
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

Deno.test("parseAs gives what the schema makes of a value", () => {
  assertEquals(parseAs(z.string().transform(Number), "7"), 7);
});

Deno.test("parseAs says in its detail what is wrong first, and where", () => {
  const schema = z.object({ a: z.array(z.literal(1)) });
  const inside = assertThrows(() => parseAs(schema, { a: [1, 2, 3] }), Problem);
  assertEquals(inside.message, "a.1: Invalid input: expected 1");
  assertEquals(inside.errors?.map(({ path }) => path), ["a.1", "a.2"]);
  const whole = assertThrows(() => parseAs(schema, 7), Problem);
  assertEquals(whole.message, "It: Invalid input: expected object, received number");
});

Deno.test("parseAs names 20 misfits at most", () => {
  assertEquals(misfitsOf(z.array(z.string()), many(1_000, Number)).length, 20);
});

Deno.test("parseAs quotes no more of what it refuses than a reader needs", () => {
  const misfits = misfitsOf(z.strictObject({}), { ["a".repeat(60_000)]: 1 });
  assertEquals(misfits.map(({ message }) => message), [`Unrecognized key: "${"a".repeat(181)}`]);
});
