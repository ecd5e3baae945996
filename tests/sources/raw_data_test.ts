/** rawDataOf finds the publisher's own text of `data`, however the request around it is written. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { rawDataOf as rawDataWithin } from "../../src/sources/raw_data.ts";
import { Problem } from "../../src/wire/problem.ts";

/** Finds the data of a request of any size. */
function rawDataOf(json: string): string[] {
  return rawDataWithin(json, { inData: Infinity, elsewhere: Infinity });
}

const SPACE = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r", "\r\n"), maxLength: 3 });
const BIG_NUMBER = fc.oneof(
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.constantFrom("1.000", "-0", "1e400", "0.1000000000000000055511151231257827", "5E-324"),
);

/** A character of a JSON string, escaped or not. Most of them would have a meaning outside of strings. */
const CHARACTER = fc.oneof(
  fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "data",
    '\\"',
    "\\\\",
    "\\n",
    "\\/",
    "\\u0022",
    "\\ud83d",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).map((text) => JSON.stringify(text).slice(1, -1)),
);
const STRING = fc.array(CHARACTER, { maxLength: 6 }).map((characters) => `"${characters.join("")}"`);

/** The key "data", with or without escaped letters. */
const DATA_KEY = fc.tuple(...[..."data"].map(anySpelling)).map((letters) => `"${letters.join("")}"`);

function anySpelling(letter: string): fc.Arbitrary<string> {
  const hex = letter.charCodeAt(0).toString(16).padStart(4, "0");
  return fc.constantFrom(letter, letter, `\\u${hex}`, `\\u${hex.toUpperCase()}`);
}

/** Texts of JSON values, with white space wherever JSON allows it. */
const { value: VALUE } = fc.letrec<{ value: string; member: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(BIG_NUMBER, STRING, DATA_KEY, fc.constantFrom("true", "false", "null", "7")),
    listOf(tie("value"), "[]"),
    listOf(tie("member"), "{}"),
  ),
  member: memberOf(fc.oneof(STRING, DATA_KEY), tie("value")),
}));

function memberOf(key: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(SPACE, key, SPACE, SPACE, value, SPACE)
    .map(([before, key, after, ahead, value, behind]) => `${before}${key}${after}:${ahead}${value}${behind}`);
}

function listOf(item: fc.Arbitrary<string>, brackets: string): fc.Arbitrary<string> {
  return fc.tuple(
    SPACE,
    fc.array(fc.tuple(SPACE, item, SPACE).map((parts) => parts.join("")), { maxLength: 4 }),
  )
    .map(([space, items]) => `${brackets[0]}${items.length === 0 ? space : items.join(",")}${brackets[1]}`);
}

/** A notification as text. */
interface Written {
  readonly text: string;
  /** The text of its last `data`, which is the one that counts. */
  readonly data: string;
}

/** A notification with `data` among other members, and sometimes with earlier `data` that does not count. */
const NOTIFICATION: fc.Arbitrary<Written> = fc.record({
  data: VALUE,
  member: fc.tuple(SPACE, DATA_KEY, SPACE, SPACE, SPACE),
  before: fc.array(memberOf(fc.oneof(DATA_KEY, STRING), VALUE), { maxLength: 3 }),
  after: fc.array(memberOf(STRING.filter((key) => JSON.parse(key) !== "data"), VALUE), { maxLength: 3 }),
}).map(({ data, member: [a, key, b, c, d], before, after }) => ({
  data,
  text: `{${[...before, `${a}${key}${b}:${c}${data}${d}`, ...after].join(",")}}`,
}));

function withoutSpace(text: string): string {
  return text.replaceAll(/[ \t\r\n]/g, "");
}

function assertIsDataOf(found: string | undefined, { text, data }: Written): void {
  assert(found !== undefined);
  assertEquals(JSON.parse(found), JSON.parse(text).data);
  assertEquals(withoutSpace(found), withoutSpace(data), "every digit is as it was written");
  assertMatch(found, /^[^\r\n]+$/);
}

Deno.test("rawDataOf finds the same data as JSON.parse, as it was written, on one line", () => {
  fc.assert(
    fc.property(NOTIFICATION, SPACE, SPACE, (written, before, after) => {
      const found = rawDataOf(before + written.text + after);
      assertEquals(found.length, 1);
      assertIsDataOf(found[0], written);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("rawDataOf finds the data of each notification of an array, in order", () => {
  fc.assert(
    fc.property(fc.array(NOTIFICATION, { minLength: 1, maxLength: 5 }), SPACE, (notifications, space) => {
      const found = rawDataOf(
        `${space}[${space}${notifications.map(({ text }) => text).join(`${space},${space}`)}${space}]`,
      );
      assertEquals(found.length, notifications.length);
      for (const [index, written] of notifications.entries()) assertIsDataOf(found[index], written);
    }),
    { numRuns: 300 },
  );
});

/** Each with its description, the request, and the expected result. */
const CASES: readonly [string, string, string[]][] = [
  ["a number that no double holds", '{"data":12345678901234567890}', ["12345678901234567890"]],
  ["trailing zeros", '{"data":[1.50, 1e2]}', ["[1.50, 1e2]"]],
  ["the last data of several", '{"data":1,"data":{"a":2},"data":3}', ["3"]],
  ["a key that is escaped", '{"d\\u0061ta":1,"target":"a"}', ["1"]],
  ["an escaped key after a plain one", '{"data":1,"\\u0064ata":2}', ["2"]],
  ["no data within other members", '{"x":{"data":1},"data":2,"y":[{"data":3}]}', ["2"]],
  ["no text that looks like a member", '{"x":"\\",\\"data\\":1","data":2}', ["2"]],
  ["a text that ends in a backslash", '{"x":"\\\\","data":"\\\\"}', ['"\\\\"']],
  ["data within data", '{"data":{"data":[{"data":1}]}}', ['{"data":[{"data":1}]}']],
  ["line breaks of every kind", '\n{"data"\r\n:\n{\r"a":\n\r1}\r}\n', ['{"a":1}']],
  ["line separators in a text", '{"data":"\u2028\u2029"}', ['"\u2028\u2029"']],
  ["escaped line breaks", '{"data":"\\n\\r"}', ['"\\n\\r"']],
  ["an array of one", '[{"data":[]}]', ["[]"]],
  ["an array after white space", ' \n[{"data":1} , {"target":"a","data":null}]', ["1", "null"]],
  ["arrays within an array", '[{"targets":["a","b"],"data":[[1],[2]]},{"data":{}}]', ["[[1],[2]]", "{}"]],
];

for (const [description, json, found] of CASES) {
  Deno.test(`rawDataOf finds ${description}`, () => {
    assertEquals(rawDataOf(json), found);
  });
}

Deno.test("rawDataOf takes time proportional to the length, whatever the text contains", () => {
  const length = 500_000; // with quadratic time, none of these would end
  for (
    const data of [
      `"${"\\\\".repeat(length)}"`,
      "[".repeat(length) + "]".repeat(length),
      '"' + " ".repeat(length) + '"',
    ]
  ) {
    assertEquals(rawDataOf(`{"data":${data}}`), [data]);
  }
});

for (
  const [what, json, kind] of [
    ["objects", `[${"{},".repeat(20)}`, "does-not-fit"],
    ["arrays", `[${"[],".repeat(20)}`, "does-not-fit"],
    ["numbers", `[${"1,".repeat(20)}`, "does-not-fit"],
    ["targets", `{"targets":[${'"",'.repeat(20)}`, "does-not-fit"],
    ["targets of several", `[{"targets":["",""]},${'{"targets":["",""]},'.repeat(5)}`, "does-not-fit"],
    ["fields", `{${'"a":1,'.repeat(20)}`, "does-not-fit"],
    ["levels", `{"topic":${"[".repeat(20)}`, "does-not-fit"],
    ["elements of data", `{"data":[${"1,".repeat(60)}`, "too-large"],
    ["levels of data", `{"data":${"[".repeat(60)}`, "too-large"],
    ["fields of data", `[{"d\\u0061ta":{${'"a":1,'.repeat(60)}`, "too-large"],
  ] as const
) {
  Deno.test(`rawDataOf stops at too many ${what}, and reads no further`, () => {
    const problem = assertThrows(() => rawDataWithin(json, { inData: 50, elsewhere: 20 }), Problem);
    assertEquals(problem.kind, kind);
  });
}

Deno.test("rawDataOf counts the structure of each data anew, and ignores brackets in strings", () => {
  const data = `[${"1,".repeat(40)}"[[[[[[[[[[[[[["]`;
  const json = `[${[1, 2, 3].map(() => `{"target":"{{{{{{{{{{","data":${data}}`).join(",")}]`;
  assertEquals(rawDataWithin(json, { inData: 50, elsewhere: 20 }), [data, data, data]);
});

Deno.test("rawDataOf ends, whatever the text is", () => {
  fc.assert(fc.property(
    fc.string({ unit: fc.constantFrom(...'{}[]",:\\ du0064at') }),
    (text) => void rawDataOf(text),
  ));
});
