/** The schema of a revocation: which tokens are to be valid no longer. */

import { z } from "zod";
import { Target } from "./names.ts";
import { ZonedTime } from "./scheduled_time.ts";

const MAX_JTI_LENGTH = 256;

/** Whether a token with this `jti` can be revoked by it. In NATS, two with lone surrogates could count as the same. */
export function isRevocable(jti: string): boolean {
  return jti !== "" && jti.length <= MAX_JTI_LENGTH && jti.isWellFormed(); // zod's max() counts code points
}

/** The body of a request that revokes one token, or those of a target. */
export const RevocationRequest = z.strictObject({
  jti: z.string().min(1).max(MAX_JTI_LENGTH)
    .refine(isRevocable, `is limited to ${MAX_JTI_LENGTH} UTF-16 units, without lone surrogates`)
    .describe("The `jti` of one token").optional(),
  target: Target.optional(),
  issued_before: ZonedTime.meta({
    format: "date-time",
    description:
      "Only tokens of the target that were issued before: RFC 3339 with a zone. Omitted: all until now",
  }).optional(),
  expires_at: ZonedTime.meta({
    format: "date-time",
    description:
      "When the last of the tokens expires: RFC 3339 with a zone. Omitted: as late as the server's limit allows",
  }).optional(),
}).refine(
  ({ jti, target }) => (jti === undefined) !== (target === undefined),
  "exactly one of `jti` and `target` is required",
).refine(({ jti, issued_before }) => jti === undefined || issued_before === undefined, {
  path: ["issued_before"],
  message: "is possible only with `target`",
}).describe("The tokens to revoke. Exactly one of `jti` and `target` is required");
export type RevocationRequest = z.infer<typeof RevocationRequest>;
