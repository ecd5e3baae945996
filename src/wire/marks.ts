/** The schemas of marks: what browsers and publishers say about which notifications were read. */

import { z } from "zod";
import { NAME_META, nameSchema } from "./names.ts";
import { POSITION_PATTERN } from "./position.ts";

const MAX_POSITIONS = 1_000;

/** A position, in the format that every journal's positions have. Whether it names anything is for the journal to say. */
export const PositionText = z.string().regex(POSITION_PATTERN, "must be a position from this service")
  .describe("A position, as the service has sent it");

const Positions = z.array(PositionText).min(1).max(MAX_POSITIONS)
  .describe("The notifications at these positions. Positions at which none is kept are ignored");

const Through = PositionText.describe("Everything up to this position");

export const Ref = nameSchema(64).meta({
  ...NAME_META,
  maxLength: 64,
  description: "Chosen by the browser. The answer, `marked` or `error`, repeats it",
});

/** Either `positions` or `through`: the schema of a publisher's request, and the parts of a browser's message. */
const READ = { positions: Positions.optional(), through: Through.optional() };

function hasEither({ positions, through }: { positions?: unknown; through?: unknown }): boolean {
  return (positions === undefined) !== (through === undefined);
}

const EITHER = "exactly one of `positions` and `through` is required";

export const MarkRead = z.strictObject({ type: z.literal("read"), ...READ, ref: Ref.optional() })
  .refine(hasEither, EITHER)
  .describe("Marks notifications as read. Exactly one of `positions` and `through` is required");

export const MarkUnread = z.strictObject({
  type: z.literal("unread"),
  positions: Positions,
  ref: Ref.optional(),
}).describe("Marks notifications as unread");

/** The body with which a publisher marks notifications of a target as read. */
export const ReadRequest = z.strictObject(READ).refine(hasEither, EITHER)
  .describe("Notifications that were read. Exactly one of `positions` and `through` is required");

/** What a message or a request that fits its schema changes. */
export type NamedChange =
  | { readonly type: "read" | "unread"; readonly positions: readonly string[] }
  | { readonly type: "read"; readonly through: string };

/** @param named `type` is omitted in a publisher's request, which marks as read */
export function changeOf(
  { type = "read", positions = [], through }: {
    readonly type?: "read" | "unread";
    readonly positions?: readonly string[] | undefined;
    readonly through?: string | undefined;
  },
): NamedChange {
  return through === undefined ? { type, positions } : { type: "read", through };
}
