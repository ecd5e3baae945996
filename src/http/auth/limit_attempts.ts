/** Limits the wrong keys and tokens of each address. */

import type { Context } from "hono";
import type { AddressQuota } from "../../quota/address_quota.ts";
import type { Fetch } from "../answer_head.ts";
import type { ClientNetworks, RequestInfo } from "../client_networks.ts";
import type { AuthorizePublisher } from "./publisher.ts";
import { WrongCredential } from "./wrong_credential.ts";

export interface LimitAttemptsOptions {
  readonly quota: AddressQuota;
  readonly networks: ClientNetworks;
  /** The names of keys that can be guessed. */
  readonly shortKeys: ReadonlySet<string>;
}

/**
 * Only what is wrong counts, and only after it was found to be wrong. Thousands of users can share an address, behind a NAT
 * or a proxy, and one of them who sends wrong tokens must not keep out the others. That is safe, because a secret of 32
 * bytes and a long key cannot be guessed at any rate. A short key can, so it is refused while its address is over the
 * limit: otherwise a guess would still be answered.
 *
 * An expired token is none of these: its signature shows that it was valid. So everybody behind a NAT can come back with
 * one at once, for example after a weekend, and receives 401, after which its page fetches another.
 */
export class LimitAttempts {
  readonly #options: LimitAttemptsOptions;
  readonly #infos = new WeakMap<Request, RequestInfo>(); // only if there are short keys

  constructor(options: LimitAttemptsOptions) {
    this.#options = options;
  }

  /** Returns what answers the request instead of the error: the error itself, or a problem `quota-exceeded`. */
  judge(error: unknown, c: Context): unknown {
    if (!(error instanceof WrongCredential)) return error;
    const { quota, networks } = this.#options, network = networks.of(c.req.raw, c.env);
    if (network === undefined) return error;
    const bucket = quota.bucketOf(network), waitMs = quota.tryTake(network, bucket);
    return waitMs > 0 ? quota.policy.refuse(bucket, waitMs) : error;
  }

  /** Has short keys refused while their address is over the limit. */
  guard(authorize: AuthorizePublisher): AuthorizePublisher {
    const { shortKeys } = this.#options;
    if (shortKeys.size === 0) return authorize;
    return (request, scope) => {
      const principal = authorize(request, scope);
      if (shortKeys.has(principal.name)) this.#refuseIfOver(request);
      return principal;
    };
  }

  /** Remembers where requests come from, for as long as they last. */
  wrap(fetch: Fetch): Fetch {
    if (this.#options.shortKeys.size === 0) return fetch;
    return (request, env) => {
      this.#infos.set(request, env as RequestInfo);
      return fetch(request, env);
    };
  }

  #refuseIfOver(request: Request): void {
    const { quota, networks } = this.#options, network = networks.of(request, this.#infos.get(request));
    if (network === undefined) return;
    const bucket = quota.bucketOf(network), waitMs = quota.policy.waitMs(bucket);
    if (waitMs > 0) throw quota.policy.refuse(bucket, waitMs);
  }
}
