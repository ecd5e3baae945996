/** Checks a JSON value against a schema. */

import { isObject, type Json, resolve, type Schema, type Schemas } from "./json.ts";

/** A schema, the schemas that it may refer to, and where the value is, for what is said of it. */
export interface Place {
  readonly schema: Schema;
  readonly schemas: Schemas;
  readonly path?: string;
}

/** Returns what does not fit, with its path; null if the value fits. */
export function misfitOf(value: Json, { schema, schemas, path = "the body" }: Place): string | null {
  const known = resolve(schema, schemas), place = { schema: known, schemas, path };
  if (known.oneOf !== undefined) {
    const misfits = known.oneOf.map((one) => misfitOf(value, { ...place, schema: one }));
    return misfits.includes(null) ? null : `${path} fits none: ${misfits.join("; ")}`;
  }
  const own = typeMisfit(value, known) ?? constantMisfit(value, known) ??
    (typeof value === "string" ? textMisfit(value, known) : null) ??
    (typeof value === "number" ? numberMisfit(value, known) : null);
  if (own !== null) return `${path} ${own}`;
  if (Array.isArray(value)) return arrayMisfit(value, place);
  return isObject(value) ? objectMisfit(value, place) : null;
}

function typeMisfit(value: Json, { type }: Schema): string | null {
  if (type === undefined) return null;
  const types: readonly string[] = [type].flat();
  return types.some((one) => isOfType(value, one)) ? null : `is no ${types.join(" or ")}`;
}

function isOfType(value: Json, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  const own: string = typeof value;
  return own === type;
}

function constantMisfit(value: Json, { const: constant, enum: values, not }: Schema): string | null {
  const isIn = (list: readonly Json[]) => list.some((one) => one === value);
  if (constant !== undefined && constant !== value) return `is not ${constant}`;
  if (values !== undefined && !isIn(values)) return `is none of ${values}`;
  return not?.enum !== undefined && isIn(not.enum) ? `is one of ${not.enum}` : null;
}

function textMisfit(text: string, { minLength, maxLength, pattern, format }: Schema): string | null {
  if (minLength !== undefined && text.length < minLength) return `is shorter than ${minLength}`;
  if (maxLength !== undefined && text.length > maxLength) return `is longer than ${maxLength}`;
  if (pattern !== undefined && !new RegExp(pattern).test(text)) return `does not match ${pattern}`;
  return format === "date-time" && Number.isNaN(Date.parse(text)) ? "is no time" : null;
}

function numberMisfit(number: number, { minimum, maximum }: Schema): string | null {
  if (minimum !== undefined && number < minimum) return `is less than ${minimum}`;
  return maximum !== undefined && number > maximum ? `is more than ${maximum}` : null;
}

function arrayMisfit(array: readonly Json[], { schema, schemas, path }: Place): string | null {
  const { items, minItems = 0, maxItems = Infinity, uniqueItems = false } = schema;
  if (array.length < minItems || array.length > maxItems) return `${path} has ${array.length} items`;
  if (uniqueItems && new Set(array).size < array.length) return `${path} has an item twice`;
  if (items === undefined) return null;
  for (const [index, item] of array.entries()) {
    const misfit = misfitOf(item, { schema: items, schemas, path: `${path}.${index}` });
    if (misfit !== null) return misfit;
  }
  return null;
}

function objectMisfit(
  object: { readonly [name: string]: Json },
  { schema, schemas, path }: Place,
): string | null {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const missing = required.find((name) => !Object.hasOwn(object, name));
  if (missing !== undefined) return `${path} has no ${missing}`;
  for (const [name, value] of Object.entries(object)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known === false) return `${path} has an unknown member ${name}`;
    if (known === undefined || known === true) continue;
    const misfit = misfitOf(value, { schema: known, schemas, path: `${path}.${name}` });
    if (misfit !== null) return misfit;
  }
  return null;
}
