/** Makes JSON that is nearly right: a value that fits, with a few changes, as text that may be no JSON any more. */

import * as fc from "fast-check";
import { isObject, type Json } from "./json.ts";
import { anyJson } from "./schema_values.ts";

/** Members that mean something in JavaScript, and some that mean something to the service. */
const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "prototype",
  "",
  "id",
  "type",
  "data",
  "target",
  "\u0000",
];

const TEXTS = [
  "",
  ".",
  "..",
  "\u0000",
  "\ud800",
  "\u2028",
  "null",
  "a\nb",
  "%00",
  "é".repeat(300),
  "earliest",
];

/** Tokens for a number, also those that JavaScript cannot represent. */
const NUMBERS = [
  ...["-0", "1e400", "-1e400", "1E-400", "9007199254740993", "123456789012345678901234567890"],
  ...["0.1", "-1", "2592001", "4294967296", "1e0", "01", "+1", ".5", "0x10", "NaN", "Infinity"],
];

/** Is replaced by a token after the value has become text. */
const TOKEN = "\u0001token";
const MAX_DEPTH = 300;

/** A change at one place of a value. */
export type Mutation =
  & { readonly at: number }
  & (
    | { readonly do: "replace"; readonly by: Json }
    | { readonly do: "add" | "rename"; readonly name: string; readonly by: Json }
    | { readonly do: "remove" | "repeat" | "stringify" }
    | { readonly do: "nest"; readonly depth: number }
    | { readonly do: "token"; readonly token: string }
  );

const mutations: fc.Arbitrary<Mutation> = fc.record({ at: fc.nat({ max: 60 }) }).chain(({ at }) => {
  const names = fc.oneof(fc.constantFrom(...NAMES), fc.string());
  const values = fc.oneof(anyJson, fc.constantFrom(...TEXTS));
  return fc.oneof(
    fc.record({ at: fc.constant(at), do: fc.constant("replace" as const), by: values }),
    fc.record({ at: fc.constant(at), do: fc.constantFrom("add", "rename"), name: names, by: values }),
    fc.record({ at: fc.constant(at), do: fc.constantFrom("remove", "repeat", "stringify") }),
    fc.record({ at: fc.constant(at), do: fc.constant("nest" as const), depth: fc.nat({ max: MAX_DEPTH }) }),
    fc.record({ at: fc.constant(at), do: fc.constant("token" as const), token: fc.constantFrom(...NUMBERS) }),
  );
});

/** A change of the text. */
export type TextMutation =
  | { readonly do: "cut"; readonly at: number }
  | { readonly do: "insert"; readonly at: number; readonly text: string };

const INSERTED = ["\ufeff", " ", "\n", ",", "}", "]", '"', "\\u0000", "\\ud800", "/**/", "\u0000", "{}", "0"];

const textMutations: fc.Arbitrary<TextMutation> = fc.oneof(
  fc.record({ do: fc.constant("cut" as const), at: fc.nat({ max: 2_000 }) }),
  fc.record({
    do: fc.constant("insert" as const),
    at: fc.nat({ max: 2_000 }),
    text: fc.constantFrom(...INSERTED),
  }),
);

/** Texts that are the JSON of the values, mostly with changes. */
export function nearlyJson(values: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  const changes = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 5, arbitrary: fc.array(mutations, { minLength: 1, maxLength: 3 }) },
  );
  const ofText = fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, {
    weight: 1,
    arbitrary: fc.array(textMutations, { minLength: 1, maxLength: 2 }),
  });
  return fc.tuple(values, changes, ofText).map(([value, mutations, inText]) => {
    const tokens: string[] = [];
    const changed = mutations.reduce<Json>((one, mutation) => mutate(one, { mutation, tokens }), value);
    const text = JSON.stringify(changed).replaceAll(`"\\u0001token"`, () => tokens.shift() ?? "0");
    return inText.reduce(changeText, text);
  });
}

interface Change {
  readonly mutation: Mutation;
  readonly tokens: string[];
}

/** Changes the n-th value inside the value, counted in depth. Texts for tokens are added to `tokens`. */
function mutate(value: Json, { mutation, tokens }: Change): Json {
  let left = mutation.at % countOf(value);
  const visit = (one: Json): Json => {
    if (left-- === 0) return change(one, { mutation, tokens });
    if (Array.isArray(one)) return one.map(visit);
    if (!isObject(one)) return one;
    return fromEntries(Object.entries(one).map(([name, inner]) => [name, visit(inner)] as const));
  };
  return visit(value);
}

function countOf(value: Json): number {
  const inner: readonly Json[] = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return inner.reduce<number>((sum, one) => sum + countOf(one), 1);
}

function change(value: Json, { mutation, tokens }: Change): Json {
  switch (mutation.do) {
    case "replace":
      return mutation.by;
    case "add":
      return Array.isArray(value) ? [...value, mutation.by] : withMember(value, mutation);
    case "rename": {
      if (!isObject(value)) return mutation.by;
      const [first, ...others] = Object.entries(value);
      return fromEntries([[mutation.name, first?.[1] ?? mutation.by], ...others]);
    }
    case "remove":
      if (Array.isArray(value)) return value.slice(1);
      return isObject(value) ? fromEntries(Object.entries(value).slice(1)) : null;
    case "repeat":
      return Array.isArray(value) ? [...value, ...value] : [value, value];
    case "stringify":
      return JSON.stringify(value);
    case "nest":
      return Array.from({ length: mutation.depth }).reduce<Json>((inner) => [inner], value);
    case "token":
      tokens.push(mutation.token);
      return TOKEN;
  }
}

function withMember(value: Json, { name, by }: { readonly name: string; readonly by: Json }): Json {
  return isObject(value) ? fromEntries([...Object.entries(value), [name, by]]) : { [name]: by };
}

/** Unlike an assignment, it makes `__proto__` a member like any other. */
function fromEntries(entries: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}

function changeText(text: string, mutation: TextMutation): string {
  const at = mutation.at % (text.length + 1);
  return mutation.do === "cut" ? text.slice(0, at) : text.slice(0, at) + mutation.text + text.slice(at);
}
