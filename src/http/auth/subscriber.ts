/** Identifies subscribers: the target of a request, and until when its token is valid. */

import type { Context } from "hono";
import type { TokenIdentity } from "../../revocation/revocations.ts";
import { Problem } from "../../wire/problem.ts";
import { Target } from "../../wire/names.ts";
import type { Credential } from "./credential.ts";
import type { VerifyToken } from "./token_verifier.ts";

export interface Subscriber extends TokenIdentity {
  /** When the token expires, in milliseconds since 1970. Null if it never does. */
  readonly expiresAt: number | null;
}

/** Rejects with a {@linkcode Problem}: `not-authorized`, `revoked`, `bad-request`, or `unavailable`. */
export type Identify = (c: Context, credential: Credential | null) => Promise<Subscriber>;

const MAX_SECONDS_IN_URL = 300; // proxies log URLs

/** Requires a token, which contains the target. `?target=` may repeat it. */
export function identifyByToken(verify: VerifyToken): Identify {
  return async function identify(c, credential) {
    if (credential === null) throw notAuthorized("a token is required");
    const { target, jti, issuedAt, expiresAt, lifeSeconds } = await verify(credential.jwt);
    if (credential.from === "query" && lifeSeconds > MAX_SECONDS_IN_URL) {
      throw notAuthorized(`the lifetime of a token in a URL is limited to ${MAX_SECONDS_IN_URL} seconds`);
    }
    if ((c.req.query("target") ?? target) !== target) {
      throw new Problem("bad-request", "the token is for another target");
    }
    return { target, jti, issuedAt, expiresAt };
  };
}

/** Accepts `?target=` without a token, for development mode. A token that is there must be valid. */
export function identifyByTokenOrTarget(verify: VerifyToken): Identify {
  const identifyWithToken = identifyByToken(verify);
  return async function identify(c, credential) {
    if (credential !== null) return await identifyWithToken(c, credential);
    return { target: parseTarget(c.req.query("target")), jti: null, issuedAt: null, expiresAt: null };
  };
}

function parseTarget(text: string | undefined): string {
  if (text === undefined) {
    throw new Problem("bad-request", "target: missing; send a token or, in development mode, `?target=`");
  }
  const { success, data, error } = Target.safeParse(text);
  if (success) return data;
  throw new Problem("bad-request", `target: ${error.issues[0]?.message}`);
}

function notAuthorized(detail: string): Problem {
  return new Problem("not-authorized", detail, { headers: { "www-authenticate": "Bearer" } });
}
