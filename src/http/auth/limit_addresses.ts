/** Limits the requests of each address, before they are routed. */

import type { MiddlewareHandler } from "hono";
import type { AddressQuota } from "../../quota/address_quota.ts";
import type { HeadEnv } from "../answer_head.ts";
import type { ClientNetworks } from "../client_networks.ts";
import type { RateLimitFields } from "../rate_limit_fields.ts";
import { type CorsDeps, setCorsHeaders } from "./cors.ts";

export interface LimitAddressesDeps extends CorsDeps {
  readonly quota: AddressQuota;
  readonly networks: ClientNetworks;
  readonly fields: RateLimitFields;
}

/** They cost little, and a load balancer or a browser that is refused would do without the service. */
const FREE_PATHS: readonly string[] = ["/healthz", "/readyz"];

export function limitAddresses(deps: LimitAddressesDeps): MiddlewareHandler<HeadEnv> {
  const { quota, networks, fields } = deps, { policy } = quota;
  return async function limitAddresses(c, next) {
    const request = c.req.raw;
    const isFree = request.method === "OPTIONS" || FREE_PATHS.includes(c.req.path);
    const network = isFree ? undefined : networks.of(request, c.env);
    if (network === undefined) return await next();
    const bucket = quota.bucketOf(network);
    fields.noteIfLow(request, [{ policy, bucket }]);
    const waitMs = quota.tryTake(network, bucket);
    if (waitMs > 0) {
      setCorsHeaders(c, deps); // without them, a page could not read how long to wait
      throw policy.refuse(bucket, waitMs);
    }
    await next();
  };
}
