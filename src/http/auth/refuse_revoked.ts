/** Refuses tokens that were revoked: the one place that all routes for subscribers ask, whatever has verified the token. */

import type { Revocations, TokenIdentity } from "../../revocation/revocations.ts";
import { Problem, unavailable } from "../../wire/problem.ts";
import type { VerifyToken } from "./token_verifier.ts";

/** The returned function also rejects with the {@linkcode Problem} `revoked`. */
export function refuseRevoked(
  verify: VerifyToken,
  revocations: Pick<Revocations, "isRevoked" | "isCurrent">,
): VerifyToken {
  return async function verifyUnlessRevoked(jwt) {
    const token = await verify(jwt);
    refuseIfRevoked(token, revocations);
    if (!revocations.isCurrent) {
      throw unavailable("the token may have been revoked: the journal cannot be reached");
    }
    return token;
  };
}

/** @throws {Problem} `revoked` */
export function refuseIfRevoked(token: TokenIdentity, revocations: Pick<Revocations, "isRevoked">): void {
  if (!revocations.isRevoked(token)) return;
  throw new Problem("revoked", "the token was revoked: get another one", {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });
}
