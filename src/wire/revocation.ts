/** The schema of a revocation: which tokens are to be valid no longer. */

import { z } from "zod";
import { Target } from "./names.ts";
import { ZonedTime } from "./scheduled_time.ts";

/** A longer `jti` cannot be revoked. */
export const MAX_JTI_LENGTH = 256;

/** The body of a request that revokes one token, or those of a target. */
export const RevocationRequest = z.strictObject({
  jti: z.string().min(1).max(MAX_JTI_LENGTH).describe("The `jti` of one token").optional(),
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
