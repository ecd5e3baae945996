/** Limits the requests of each publisher's key. */

import type { KeyQuotas } from "../../quota/key_quotas.ts";
import type { RateLimitFields } from "../rate_limit_fields.ts";
import type { AuthorizePublisher } from "./publisher.ts";

/**
 * Returns a function that authorizes a request and counts it, before its body is read.
 *
 * @param keys null: no key has a limit
 */
export function limitRequests(
  authorize: AuthorizePublisher,
  { keys, fields }: { readonly keys: KeyQuotas | null; readonly fields: RateLimitFields },
): AuthorizePublisher {
  if (keys === null) return authorize;
  return function authorizeWithinLimit(request, scope) {
    const principal = authorize(request, scope), allowance = keys.of(principal.name);
    if (allowance === null) return principal;
    const asksWhatItMayDo = scope === null;
    if (asksWhatItMayDo) fields.note(request, allowance.quotas);
    else fields.noteIfLow(request, allowance.quotas);
    allowance.takeRequest();
    return principal;
  };
}
