/** The schema of what a notification asks of Web Push. */

import { z } from "zod";

/** Why there is no Web Push on a server. */
export const NO_PUSH =
  "Web Push is not configured: set TIDINGS_VAPID_PRIVATE_KEY and TIDINGS_VAPID_SUBJECT, as `deno task vapid` prints them";

const DEFAULT_AFTER = 10;
const MAX_AFTER = 24 * 60 * 60;

export const PushByDefault = z.literal(true).describe("true: the same as no option at all");

export const PushOptions = z.strictObject({
  after: z.int().min(0).max(MAX_AFTER).optional()
    .describe(
      "Seconds until the push, 10 if omitted. None is sent if the target has acked or read it by then",
    ),
  title: z.string().max(1_000).optional().describe(
    "Omitted: the string `title` of `data`, else the site's name",
  ),
  body: z.string().max(1_000).optional().describe("Omitted: the string `body` of `data`, else none"),
  navigate: z.string().max(2_048).optional()
    .describe("Where a click leads. Omitted: the string `navigate` of `data`, else the root of the site"),
}).describe("When a push is sent, and what devices show");

/** `push` of a notification. */
export const Push = z.xor(
  [PushByDefault, PushOptions],
  "must be true, or an object with `after`, `title`, `body` and `navigate`, all of which are optional",
).describe(
  "A push to the devices of the target that have subscribed, unless it acks or reads the notification in time",
);
export type Push = z.infer<typeof Push>;

/** The same as a store keeps it. */
export const StoredPush = z.object({
  after: z.number(),
  title: z.string().nullable(),
  body: z.string().nullable(),
  navigate: z.string().nullable(),
});

/** Seconds from the notification to its push. */
export function secondsUntil(push: Push): number {
  return push === true ? DEFAULT_AFTER : push.after ?? DEFAULT_AFTER;
}
