/** Reads the body of a subscriber's request, which may take so long that the token is revoked meanwhile. */

import type { Context } from "hono";
import type { Revocations } from "../../revocation/revocations.ts";
import type { BodyReader } from "../body_reader.ts";
import type { SubscriberEnv } from "./admit.ts";
import { refuseIfRevoked } from "./refuse_revoked.ts";

export interface SubscriberBodyDeps {
  readonly bodies: Pick<BodyReader, "read">;
  readonly revocations: Pick<Revocations, "isRevoked">;
}

/**
 * Behind `requireSubscriber`. Whoever begins a request before a revocation, and sends its body after it, must not change
 * anything any more: a push subscription, for example, would outlive the token.
 *
 * @throws {Problem} as `BodyReader.read` does, or `revoked`
 */
export async function readSubscriberBody(
  c: Context<SubscriberEnv>,
  { bodies, revocations, maxBytes }: SubscriberBodyDeps & { readonly maxBytes: number },
): Promise<string> {
  const subscriber = c.get("subscriber");
  const text = await bodies.read(c.req.raw, { maxBytes, caller: "subscriber", owner: subscriber.target });
  refuseIfRevoked(subscriber, revocations);
  return text;
}
