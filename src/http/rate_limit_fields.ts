/** The response fields `RateLimit` and `RateLimit-Policy`: what the caller of a request may still send. */

import type { KeyQuota } from "../quota/allowance.ts";
import type { Fetch } from "./answer_head.ts";

/** The fields are those of a draft, draft-ietf-httpapi-ratelimit-headers-10. Each has an item for each limit. */
export class RateLimitFields {
  readonly #quotas = new WeakMap<Request, readonly KeyQuota[]>();

  /** Notes which limits a request counts against. */
  note(request: Request, quotas: readonly KeyQuota[]): void {
    const noted = this.#quotas.get(request);
    this.#quotas.set(request, noted === undefined ? quotas : [...noted, ...quotas]);
  }

  /** Adds the fields to the responses of requests that count against a limit. */
  wrap(fetch: Fetch): Fetch {
    return async (request, env) => this.#describe(request, await fetch(request, env));
  }

  /** The response of an upgrade cannot be changed. */
  #describe(request: Request, response: Response): Response {
    const quotas = this.#quotas.get(request);
    if (quotas === undefined || response.status === 101) return response;
    const { headers } = response;
    let policies = "", limits = "";
    for (const { policy, bucket } of quotas) {
      const separator = policies === "" ? "" : ", ";
      policies += separator + policy.field;
      limits += separator + policy.limitField(bucket);
    }
    headers.set("ratelimit-policy", policies);
    headers.set("ratelimit", limits);
    return response;
  }
}
