/** The named schemas of both documents, and references to them. */

import { z } from "zod";
import { MarkRead, MarkUnread, ReadRequest } from "../wire/marks.ts";
import { Id, Target } from "../wire/names.ts";
import * as protocol from "../wire/protocol.ts";
import { Push, PushByDefault, PushOptions } from "../wire/push.ts";
import * as subscriptions from "../wire/push_subscription.ts";
import { RevocationRequest } from "../wire/revocation.ts";
import * as bodies from "./bodies.ts";
import * as messages from "./messages.ts";
import * as publishMessages from "./publish_messages.ts";
import * as responses from "./responses.ts";

/** JSON Schema, 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

const { Ack, ApplicationMessage, BrowserMessage, BrowserMessages, Notify, NotifyMany, Ping } = protocol;
const { ReceivedRequest, TokenRequest, Topic, Urgency } = protocol;

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...{ Ack, ApplicationMessage, BrowserMessage, BrowserMessages, Id, Notify, NotifyMany, Ping },
  ...{ MarkRead, MarkUnread, ReadRequest, ReceivedRequest, Target, TokenRequest, Topic, Urgency },
  ...{ Push, PushByDefault, PushOptions, RevocationRequest },
  ...subscriptions,
  ...bodies,
  ...responses,
  ...messages,
  ...publishMessages,
};

const PREFIX = "#/components/schemas/";
const MAX_INT32 = 2 ** 31 - 1;

/** The named schemas that a part of a document refers to, directly or through others, in the order of their names. */
export function schemasIn(part: unknown): Readonly<Record<string, JsonSchema>> {
  const all = allSchemas(), used = new Set<string>();
  const visit = (value: unknown): void => {
    for (const name of namesIn(value)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(all[name]);
    }
  };
  visit(part);
  return Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
}

/** A reference to a named schema, or the schema itself if it has no name. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const name = Object.keys(SCHEMAS).find((name) => SCHEMAS[name] === schema);
  if (name !== undefined) return { $ref: PREFIX + name };
  return withoutMeta(z.toJSONSchema(schema, { io: "input", override: simplify }));
}

/** A named schema within another one is a reference. */
function allSchemas(): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => PREFIX + id, io: "input", override: simplify });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutMeta(schema)]));
}

function withoutMeta({ $schema: _, $id: __, "~standard": ___, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (
    key === "$ref" && typeof inner === "string" ? [inner.slice(PREFIX.length)] : namesIn(inner)
  ));
}

/**
 * Makes a schema easier to generate code from. A format gives a number its width, because generators otherwise take 32
 * bits. A default is left to the description, because generators make a property mandatory that has one, and so is a
 * constant boolean, because some make a string of it. The long regular expression of a date, and limits of integers
 * that zod adds, say nothing more.
 */
function simplify({ jsonSchema }: { readonly jsonSchema: JsonSchema }): void {
  if (jsonSchema.format !== undefined || jsonSchema.$ref !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  mergeNull(jsonSchema);
  if (jsonSchema.type === "boolean") delete jsonSchema.const;
  delete jsonSchema.default;
  const types = [jsonSchema.type].flat();
  if (types.includes("number")) jsonSchema.format = "double";
  if (types.includes("integer")) jsonSchema.format = isInt32(jsonSchema) ? "int32" : "int64";
}

/** Writes "a number, or null" as one type with a format, not as alternatives, which would get names of their own. */
function mergeNull(jsonSchema: JsonSchema): void {
  const [inner, none] = jsonSchema.anyOf ?? [];
  if (typeof inner !== "object" || typeof none !== "object") return;
  if (none.type !== "null" || typeof inner.type !== "string") return;
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, { ...inner, ...jsonSchema, type: [inner.type, "null"] });
}

function isInt32({ minimum = -Infinity, maximum = Infinity }: JsonSchema): boolean {
  return minimum >= -MAX_INT32 && maximum <= MAX_INT32;
}
