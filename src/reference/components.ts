/** The named schemas of both documents, and references to them. */

import { z } from "zod";
import {
  BrowserMessage,
  BrowserMessages,
  Id,
  Notify,
  NotifyMany,
  ReceivedRequest,
  Target,
  TokenRequest,
  Topic,
  Urgency,
} from "../wire/protocol.ts";
import * as messages from "./messages.ts";
import * as responses from "./responses.ts";

/** JSON Schema, 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...{ BrowserMessage, BrowserMessages, Id, Notify, NotifyMany, ReceivedRequest },
  ...{ Target, TokenRequest, Topic, Urgency },
  ...responses,
  ...messages,
};

const PREFIX = "#/components/schemas/";

/** All named schemas. A named schema within another one is a reference. */
export function schemas(): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => PREFIX + id, io: "input", override: simplify });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, "~standard": ___, ...schema }]) => [
      name,
      schema,
    ]),
  );
}

/** A reference to a named schema, or the schema itself if it has no name. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const name = Object.keys(SCHEMAS).find((name) => SCHEMAS[name] === schema);
  if (name !== undefined) return { $ref: PREFIX + name };
  const { $schema: _, "~standard": __, ...json } = z.toJSONSchema(schema, {
    io: "input",
    override: simplify,
  });
  return json;
}

/** A schema that accepts what any of the schemas accepts. */
export function oneOf(schemas: readonly z.ZodType[]): JsonSchema {
  const alternatives = schemas.map(schemaOf), [only = {}] = alternatives;
  return alternatives.length === 1 ? only : { oneOf: alternatives };
}

/** Removes what zod adds: the long regular expression of a format, also beside a reference, and limits of integers. */
function simplify({ jsonSchema }: { readonly jsonSchema: JsonSchema }): void {
  if (jsonSchema.format !== undefined || jsonSchema.$ref !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
