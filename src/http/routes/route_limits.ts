/** The limits of rates of all routes. What is off is left out, so that it costs nothing. */

import type { Context, Hono } from "hono";
import type { Config } from "../../config/config.ts";
import type { Quotas } from "../../quota/quotas.ts";
import type { Fetch } from "../answer_head.ts";
import type { CorsDeps } from "../auth/cors.ts";
import { limitAddresses } from "../auth/limit_addresses.ts";
import { LimitAttempts } from "../auth/limit_attempts.ts";
import { limitRequests } from "../auth/limit_requests.ts";
import type { AuthorizePublisher } from "../auth/publisher.ts";
import { ClientNetworks } from "../client_networks.ts";
import { RateLimitFields } from "../rate_limit_fields.ts";

export interface RouteLimitsDeps extends CorsDeps {
  readonly quotas: Quotas;
  readonly config: Pick<Config, "publisherKeys" | "trustedProxies">;
}

export class RouteLimits {
  readonly #deps: RouteLimitsDeps;
  readonly #networks: ClientNetworks;
  readonly #fields = new RateLimitFields();
  readonly #attempts: LimitAttempts | null;

  constructor(deps: RouteLimitsDeps) {
    const { quotas: { attempts: quota }, config: { publisherKeys, trustedProxies } } = deps;
    this.#deps = deps;
    const networks = this.#networks = new ClientNetworks(trustedProxies);
    const shortKeys = new Set(publisherKeys.filter(({ isShort }) => isShort).map(({ name }) => name));
    this.#attempts = quota === null ? null : new LimitAttempts({ quota, networks, shortKeys });
  }

  /** Must be called before routes are added. */
  addTo(app: Hono): void {
    const { quotas: { addressRequests: quota }, isOriginAllowed } = this.#deps;
    if (quota === null) return;
    app.use(limitAddresses({ quota, isOriginAllowed, networks: this.#networks, fields: this.#fields }));
  }

  /** Returns a function that authorizes within the limits. */
  authorize(authorize: AuthorizePublisher): AuthorizePublisher {
    const guarded = this.#attempts?.guard(authorize) ?? authorize;
    return limitRequests(guarded, { keys: this.#deps.quotas.keys, fields: this.#fields });
  }

  /** Returns what answers a request for which this was thrown. */
  judge(error: unknown, c: Context): unknown {
    return this.#attempts === null ? error : this.#attempts.judge(error, c);
  }

  wrap(fetch: Fetch): Fetch {
    const { keys, addressRequests } = this.#deps.quotas;
    const remembered = this.#attempts?.wrap(fetch) ?? fetch;
    return keys === null && addressRequests === null ? remembered : this.#fields.wrap(remembered);
  }
}
