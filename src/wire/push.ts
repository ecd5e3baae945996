/** The schema of what a notification asks of Web Push. */

import { z } from "zod";

const DEFAULT_AFTER = 10;
const MAX_AFTER = 24 * 60 * 60;

const PushOptions = z.strictObject({
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
});

/** `push` of a notification. */
export const Push = z.union(
  [z.literal(true), PushOptions],
  "must be true, or an object in which `after` is an integer and `title`, `body` and `navigate` are strings",
).describe(
  "A push to the devices of the target that have subscribed, unless it acks or reads the notification in time",
);
export type Push = z.infer<typeof Push>;

/** Seconds from the notification to its push. */
export function secondsUntil(push: Push): number {
  return push === true ? DEFAULT_AFTER : push.after ?? DEFAULT_AFTER;
}
