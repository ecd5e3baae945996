/** The response fields `RateLimit` and `RateLimit-Policy`: what the caller of a request may still send. */

import type { KeyQuota } from "../quota/allowance.ts";
import type { Fetch } from "./answer_head.ts";

/**
 * The fields are those of a draft, draft-ietf-httpapi-ratelimit-headers-10. Each has an item for each limit.
 *
 * Most answers do not have them, because Deno sends an answer whose only field is `Content-Type` on a faster way, by 4 µs.
 */
export class RateLimitFields {
  readonly #quotas = new WeakMap<Request, readonly KeyQuota[]>();

  /** Has the answer describe these limits. */
  note(request: Request, quotas: readonly KeyQuota[]): void {
    const noted = this.#quotas.get(request);
    this.#quotas.set(request, noted === undefined ? quotas : [...noted, ...quotas]);
  }

  /** Has the answer describe these limits, if less than half of one is left. */
  noteIfLow(request: Request, quotas: readonly KeyQuota[]): void {
    if (quotas.some(({ policy, bucket }) => policy.isLow(bucket))) this.note(request, quotas);
  }

  /** Adds the fields to the answers that have to describe limits. */
  wrap(fetch: Fetch): Fetch {
    return (request, env) => {
      const answer = fetch(request, env);
      return answer instanceof Promise
        ? answer.then((response) => this.#describe(request, response))
        : this.#describe(request, answer);
    };
  }

  /** The response of an upgrade cannot be changed. */
  #describe(request: Request, response: Response): Response {
    const quotas = this.#quotas.get(request);
    if (quotas === undefined || response.status === 101) return response;
    const { headers, status } = response;
    const refused = status === 429 ? headers.get("ratelimit") : null; // of the limit that has refused the request
    let policies = "", limits = "";
    for (const { policy, bucket } of quotas) {
      const separator = policies === "" ? "" : ", ";
      policies += separator + policy.field;
      const isRefused = refused?.startsWith(`"${policy.name}";`);
      limits += separator + (isRefused ? refused : policy.limitField(bucket));
    }
    headers.set("ratelimit-policy", policies);
    headers.set("ratelimit", limits);
    return response;
  }
}
