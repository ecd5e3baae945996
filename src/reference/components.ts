/** The schemas that both documents refer to, by the names they have there. */

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
import * as answers from "./answers.ts";
import * as messages from "./messages.ts";

/** JSON Schema, 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...{ BrowserMessage, BrowserMessages, Id, Notify, NotifyMany, ReceivedRequest },
  ...{ Target, TokenRequest, Topic, Urgency },
  ...answers,
  ...messages,
};

const PLACE = "#/components/schemas/";

/** All of them; where one has another in it, it refers to that. */
export function schemas(): Readonly<Record<string, JsonSchema>> {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) named.add(schema, { id });
  const made = z.toJSONSchema(named, { uri: (id) => PLACE + id, io: "input" });
  return Object.fromEntries(
    Object.entries(made.schemas).map((
      [name, { $schema: _, $id: __, "~standard": ___, ...schema }],
    ) => [name, schema]),
  );
}

/** A reference to one that has a name, or what it is. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const name = Object.keys(SCHEMAS).find((name) => SCHEMAS[name] === schema);
  if (name !== undefined) return { $ref: PLACE + name };
  const { $schema: _, "~standard": __, ...made } = z.toJSONSchema(schema, { io: "input" });
  return made;
}

/** One of these. */
export function oneOf(all: readonly z.ZodType[]): JsonSchema {
  const each = all.map(schemaOf), [only = {}] = each;
  return each.length === 1 ? only : { oneOf: each };
}
