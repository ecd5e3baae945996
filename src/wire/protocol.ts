/** The wire: a schema for everything that publishers and browsers send. What passes one has its inferred type. */

import { z } from "zod";
import { Problem } from "./problem.ts";

const MAX_TARGETS = 1_000;
const MAX_NOTIFICATIONS = 1_000;
const MAX_IDS = 1_000;
const MAX_LEVELS = 100;
const MAX_MISFITS = 20;
const MAX_REASON = 200; // characters: the name of an unknown field is quoted, and may fill the request
const MAX_TOKEN_SECONDS = 30 * 24 * 60 * 60;
const CONTROL = /\p{Cc}/u;

/** Printable, and well-formed: a lone surrogate would arrive as another character than it was sent. */
function name(max: number): z.ZodString {
  return z.string().min(1).check(({ value, issues }) => { // one check, for each costs 50 ns
    const fault = faultIn(value, max);
    if (fault !== undefined) issues.push({ code: "custom", message: fault, input: value });
  });
}

/** What it names has a URL, of which it is a segment: `.` and `..` would vanish from that. */
function faultIn(text: string, max: number): string | undefined {
  if (text.length > max) return `at most ${max} UTF-16 units`; // zod's max() counts code points
  if (CONTROL.test(text)) return "control characters are not allowed";
  if (text === "." || text === "..") return "`.` and `..` are not allowed";
  return text.isWellFormed() ? undefined : "lone surrogates are not allowed";
}

/** What JSON Schema can say of a name. It counts code points, of which an emoji is one, and two UTF-16 units. */
const NAMES = { pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", not: { enum: [".", ".."] } };

/** Whom a notification is for. */
export const Target = name(256).meta({
  ...NAMES,
  maxLength: 256,
  description:
    "Whom a notification is for: 1 to 256 UTF-16 units without control characters, not `.` or `..`",
});

/** Names a notification. */
export const Id = name(128).meta({
  ...NAMES,
  maxLength: 128,
  description: "1 to 128 UTF-16 units without control characters, not `.` or `..`",
});

/** What stands in for an id, as one: so that it is refused by that name. */
export const IdAlone = z.object({ id: Id });

export const Topic = z.string().regex(
  /^[A-Za-z0-9_-]{1,32}$/,
  "must be 1 to 32 of A-Z, a-z, 0-9, - and _ (RFC 8030)",
).describe("Only the newest of a target and topic is kept; nothing, if that has a `ttl` of 0");

export const Urgency = z.enum(["very-low", "low", "normal", "high"]);

/** One notification, as publishers post it. The words are RFC 8030's. */
export const Notify = z.strictObject({
  target: Target.optional(),
  targets: z.array(Target).min(1).max(MAX_TARGETS)
    .refine((targets) => new Set(targets).size === targets.length, "a target is repeated")
    .meta({ uniqueItems: true }).optional(),
  everyone: z.literal(true).optional(),
  data: z.unknown().refine(
    (data): boolean => data !== undefined,
    "is missing; it can be any JSON, also null",
  ).describe("Any JSON, of 64 KiB at most. Browsers get its text as it was posted"),
  id: Id.describe(
    "Names it, for all its targets: a repeat is not delivered again. One is made up if there is none",
  )
    .optional(),
  ttl: z.int().min(0).describe(
    "For how many seconds it is kept; as long as anything is, unless it says so. 0: only for those live now",
  ).optional(),
  topic: Topic.optional(),
  urgency: Urgency.optional(),
}).refine(
  ({ target, targets, everyone }) =>
    [target, targets, everyone].filter((given) => given !== undefined).length === 1,
  "exactly one of `target`, `targets` and `everyone` is needed",
).meta({
  description: "A notification, with exactly one of `target`, `targets` and `everyone`",
  oneOf: [{ required: ["target"] }, { required: ["targets"] }, { required: ["everyone"] }],
});
export type Notify = z.infer<typeof Notify>;

/** Several notifications in one request. */
export const NotifyMany = z.array(Notify).min(1).max(MAX_NOTIFICATIONS);

/** What most publishers post. It fits `Notify` too, which takes three times as long: a tenth of a notification's time. */
const PlainNotify = z.strictObject({ target: Target, data: z.unknown() });
const PlainNotifyMany = z.array(PlainNotify).min(1).max(MAX_NOTIFICATIONS);

/** What a backend asks a token for. */
export const TokenRequest = z.strictObject({
  target: Target,
  expires_in: z.int().min(1).max(MAX_TOKEN_SECONDS).default(3_600).describe("Seconds, 30 days at most"),
});

/** Whether arrays and objects are in one another this many times at most. */
function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isWithin(levels - 1, inner));
}

/**
 * One message from a browser. Whatever writes its data again goes as deep into the stack as that is nested: a frame
 * has room for 30,000 levels, which `JSON.stringify` throws at.
 */
export const BrowserMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ack"), ids: z.array(Id).min(1).max(MAX_IDS) })
    .describe("This tab has the notifications with these ids"),
  z.strictObject({
    type: z.literal("message"),
    data: z.unknown().refine((data) => data !== undefined, "is missing")
      .refine((data) => isWithin(MAX_LEVELS, data), `may be nested ${MAX_LEVELS} deep`)
      .describe(`Any JSON, nested ${MAX_LEVELS} deep at most`),
  }).describe("Something for the application behind the service"),
]);
export type BrowserMessage = z.infer<typeof BrowserMessage>;

/** The messages of one frame. */
export const BrowserMessages = z.array(BrowserMessage).min(1).max(1_000);

/**
 * The messages of a text frame: one, or an array of them.
 *
 * @throws {Problem} `not-json` or `does-not-fit`
 */
export function parseFrame(text: string): readonly BrowserMessage[] {
  const body = parseJson(text);
  return Array.isArray(body) ? parseAs(BrowserMessages, body) : [parseAs(BrowserMessage, body)];
}

/** What a browser posts that cannot send over its connection. */
export const ReceivedRequest = z.strictObject({ connection: Id, messages: BrowserMessages });
export type ReceivedRequest = z.infer<typeof ReceivedRequest>;

/** What the server tells a browser besides notifications. */
export type ServerMessage =
  | { type: "welcome"; connection: string; target: string; position: string; recovered: boolean | null }
  | { type: "missed" }
  | { type: "error"; problem: Problem };

/**
 * The notifications that the JSON of a request has: one, or several in an array.
 *
 * @throws {Problem} `does-not-fit`
 */
export function parseNotifications(body: unknown): readonly Notify[] {
  const isArray = Array.isArray(body);
  const { success, data } = PlainNotifyMany.safeParse(isArray ? body : [body]);
  if (success) return data;
  return isArray ? parseAs(NotifyMany, body) : [parseAs(Notify, body)];
}

/** @throws {Problem} `not-json` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem("not-json", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws {Problem} `does-not-fit`, with the path and the reason of each misfit */
export function parseAs<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const errors = error.issues.slice(0, MAX_MISFITS).map(({ path, message }) => (
    { path: path.join("."), message: message.slice(0, MAX_REASON) }
  ));
  const [first] = errors;
  throw new Problem("does-not-fit", `${first?.path || "It"}: ${first?.message}`, { errors, cause: error });
}
