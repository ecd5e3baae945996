/** Generates JSON values that fit a schema, with lengths and numbers at their boundaries more often than by chance. */

import * as fc from "fast-check";
import { type Json, resolve, type Schema, type Schemas } from "./json.ts";
import { misfitOf } from "./schema_check.ts";

/** Replaced when a request is sent: a position of the target, the id of an open connection, and a target that is known. */
export const PLACEHOLDERS = { position: "{{position}}", connection: "{{connection}}" } as const;

/** Of other epochs, at the ends of the range, and one with an index within a message. */
const POSITIONS = [
  ...["k3v9x0ab-0000000000f", "00000000-00000000000", "zzzzzzzz-zzzzzzzzzzz", "k3v9x0ab-0000000000f-000001"],
];

const MAX_MORE_ITEMS = 4;
const MAX_INT32 = 2 ** 31 - 1;
const MONTH_MS = 29 * 86_400_000;

export const anyJson: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;

export function valuesOf(schema: Schema, schemas: Schemas): fc.Arbitrary<Json> {
  const known = resolve(schema, schemas);
  const { const: constant, enum: values, oneOf, type } = known;
  if (constant !== undefined) return fc.constant(constant);
  if (values !== undefined) return fc.constantFrom(...values);
  if (oneOf !== undefined) return fc.oneof(...oneOf.map((one) => valuesOf(one, schemas)));
  if (Array.isArray(type)) {
    return fc.oneof(...type.map((one: string) => valuesOf({ ...known, type: one }, schemas)));
  }
  switch (type) {
    case "object":
      return objects(known, schemas);
    case "array":
      return arrays(known, schemas);
    case "string":
      return texts(known);
    case "integer":
      return integers(known);
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "boolean":
      return known.description?.startsWith("true") ? fc.constantFrom(true, true, true, false) : fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return anyJson;
  }
}

function objects(
  { properties = {}, required = [], additionalProperties, description = "" }: Schema,
  schemas: Schemas,
): fc.Arbitrary<Json> {
  const entries = Object.entries(properties).map(([name, one]) => [name, valuesOf(one, schemas)] as const);
  if (entries.length === 0 && typeof additionalProperties === "object") {
    return fc.dictionary(fc.string(), valuesOf(additionalProperties, schemas), { maxKeys: 3 });
  }
  const alternatives = alternativesIn(description);
  const members = entries.map(([name, values]) =>
    required.includes(name) || alternatives.includes(name) ? values : seldom(values)
  );
  const choices: fc.Arbitrary<string[]> = alternatives.length === 0 ? fc.constant([]) : fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...alternatives.map((one) => [one])) },
    { weight: 1, arbitrary: fc.subarray([...alternatives]) },
  );
  return fc.tuple(choices, ...members).map(([chosen, ...values]) =>
    Object.fromEntries(
      entries.map(([name], at) => [name, values[at]] as const).filter(([name, value]) =>
        value !== undefined && (!alternatives.includes(name) || chosen.includes(name))
      ),
    ) as Json
  );
}

/** Undefined unless it is there. */
function seldom(values: fc.Arbitrary<Json>): fc.Arbitrary<Json | undefined> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: values },
  );
}

/** The members of which an object must have exactly one, which JSON Schema can say only at length. */
function alternativesIn(description: string): readonly string[] {
  const [, list = ""] = /Exactly one of (.*) is required/.exec(description) ?? [];
  return [...list.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
}

function arrays(
  { items = {}, minItems = 0, maxItems = Infinity, uniqueItems = false }: Schema,
  schemas: Schemas,
): fc.Arbitrary<Json> {
  const most = Math.min(maxItems, minItems + MAX_MORE_ITEMS), item = valuesOf(items, schemas);
  const limits = { minLength: minItems, maxLength: most };
  return uniqueItems ? fc.uniqueArray(item, limits) : fc.array(item, limits);
}

function integers({ minimum = -Number.MAX_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Schema) {
  const near = Math.min(maximum, minimum + 100);
  return fc.oneof(
    fc.integer({ min: minimum, max: near }),
    fc.constantFrom(minimum, maximum),
    fc.integer({ min: Math.max(minimum, -MAX_INT32), max: Math.min(maximum, MAX_INT32) }),
  );
}

function texts(schema: Schema): fc.Arbitrary<Json> {
  const { minLength = 0, maxLength = 64, pattern, format } = schema;
  if (format === "date-time") return times();
  const fits = (text: Json) => misfitOf(text, { schema, schemas: {} }) === null;
  const isOfNames = pattern?.startsWith("^[^\\u0000") ?? false;
  const choices: fc.Arbitrary<string>[] = [];
  if (pattern?.includes("[0-9a-z]{8}-") ?? false) {
    choices.push(fc.constant(PLACEHOLDERS.position), fc.constantFrom(...POSITIONS));
  } else if (pattern !== undefined && !isOfNames) choices.push(fc.stringMatching(new RegExp(pattern)));
  else {
    const limits = { minLength, maxLength: Math.min(maxLength, minLength + 20) };
    choices.push(fc.constantFrom("fuzz-tab", "burr", "eliza").filter(fits));
    choices.push(fc.string(limits).filter(fits), fc.string({ ...limits, unit: "binary" }).filter(fits));
    if (maxLength === 2_048) choices.push(fc.constant("https://push.localhost:9/a"));
    choices.push(fc.constantFrom("é", "\u{1f514}", "x").map((one) => one.repeat(maxLength / one.length)));
  }
  return fc.oneof(...choices);
}

/** Near now, or far away, in several spellings of RFC 3339. */
function times(): fc.Arbitrary<string> {
  const limits = { min: new Date(Date.now() - MONTH_MS), max: new Date(Date.now() + MONTH_MS) };
  return fc.date({ ...limits, noInvalidDate: true }).chain((date) => {
    const text = date.toISOString();
    return fc.constantFrom(
      text,
      text.replace("Z", "+00:00"),
      text.replace(/\.\d+Z/, "Z"),
      `${text.slice(0, -5)}.123456789Z`,
    );
  });
}
