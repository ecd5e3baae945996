/** The schema of a CloudEvent (version 1.0, in JSON) that is a notification. */

import { z } from "zod";
import { Target } from "./names.ts";
import { parseAs, Topic, Urgency } from "./protocol.ts";
import { ScheduledTime } from "./scheduled_time.ts";
import { GIVEN_TRACE } from "./trace_context.ts";

const MAX_EVENTS = 1_000;
const JSON_TYPE = /^[\w.!#$&^-]+\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i;
/** The characters that the type String of CloudEvents excludes. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** An attribute that every event has. */
const Text = z.string().min(1).refine(
  (text) => !FORBIDDEN.test(text),
  "control characters, lone surrogates and noncharacters are not allowed",
);

/** An event. Attributes that are not listed are allowed, and have no effect. */
export const CloudEvent = z.looseObject({
  specversion: z.literal("1.0"),
  id: Text.describe("With `source`, the id of the notification"),
  source: Text.refine((source) => !/\s/.test(source), "must be a URI reference, which has no spaces")
    .describe("With `id`, the id of the notification"),
  type: Text.describe("Has no effect. Browsers receive only the data"),
  subject: Target.optional(),
  datacontenttype: z.string().refine(isJsonType, "must be JSON, such as application/json")
    .describe("A media type of JSON; application/json if omitted").optional(),
  data: z.unknown().describe(
    "Any JSON, limited to 64 KiB; null if omitted. Browsers receive its text unchanged",
  )
    .optional(),
  ttl: z.int().min(0).describe("As in `Notify`").optional(),
  topic: Topic.optional(),
  urgency: Urgency.optional(),
  at: ScheduledTime.optional(),
  everyone: z.boolean().describe("true: for everyone. There is no `subject` then").optional(),
  push: z.boolean().describe("true: as in `Notify`").optional(),
  ...GIVEN_TRACE,
}).refine((event) => !("data_base64" in event), {
  path: ["data_base64"],
  message: "is not supported, because browsers receive JSON: use `data`",
}).refine(({ subject, everyone }) => subject !== undefined || everyone === true, {
  path: ["subject"],
  message: "is required: it is the target of the notification",
}).refine(({ subject, everyone }) => subject === undefined || everyone !== true, {
  path: ["subject"],
  message: "must be omitted with `everyone`",
}).describe("A CloudEvent whose `subject` is the target. `ttl`, `topic` and the like are extensions");
export type CloudEvent = z.infer<typeof CloudEvent>;

/** The events of one request. */
export const CloudEvents = z.array(CloudEvent).max(MAX_EVENTS).describe("The events of one request");

/** True for `application/json`, and for types such as `application/ld+json`, with or without parameters. */
export function isJsonType(mediaType: string): boolean {
  return JSON_TYPE.test(mediaType);
}

/** @throws {Problem} `does-not-fit` */
export function parseCloudEvent(body: unknown): CloudEvent {
  return parseAs(CloudEvent, typed(body));
}

/** @throws {Problem} `does-not-fit` */
export function parseCloudEvents(body: unknown): readonly CloudEvent[] {
  return parseAs(CloudEvents, Array.isArray(body) && body.length <= MAX_EVENTS ? body.map(typed) : body);
}

/**
 * Gives the extensions their types. Headers have only strings, and a gateway that does not know an extension passes on
 * a string too. An attribute that is null is omitted (JSON Event Format, section 2.2), but null is also valid data.
 */
function typed(event: unknown): unknown {
  if (typeof event !== "object" || event === null || Array.isArray(event)) return event;
  const given = Object.entries(event).filter(([name, value]) => value !== null || name === "data");
  return Object.fromEntries(given.map(([name, value]) => [name, typedValue(name, value)]));
}

function typedValue(name: string, value: unknown): unknown {
  if (name === "ttl" && typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  if (name !== "everyone" && name !== "push") return value;
  return value === "true" ? true : value === "false" ? false : value;
}
