/** Subscribers: whose browser it is that wants to connect, and until when that may be believed. */

import type { Context } from "hono";
import { Problem } from "../../wire/problem.ts";
import { Target } from "../../wire/protocol.ts";
import type { Credential } from "./credential.ts";
import type { VerifyToken } from "./token_verifier.ts";

export interface Subscriber {
  readonly target: string;
  /** When the token expires, in milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
}

/** Rejects with a {@linkcode Problem}: `not-authorized`, `bad-request`, or `unavailable`. */
export type Identify = (c: Context, credential: Credential | null) => Promise<Subscriber>;

const MAX_SECONDS_IN_URL = 300; // URLs end up in logs

/** The token says it. `?target=` may be there too, if it says the same. */
export function byToken(verify: VerifyToken): Identify {
  return async function identify(c, credential) {
    if (credential === null) throw unauthorized("a token is needed");
    const { target, expiresAt, lifeSeconds } = await verify(credential.jwt);
    if (credential.from === "query" && lifeSeconds > MAX_SECONDS_IN_URL) {
      throw unauthorized(`a token in a URL may live for ${MAX_SECONDS_IN_URL} seconds at most`);
    }
    if ((c.req.query("target") ?? target) !== target) {
      throw new Problem("bad-request", "the token is for another target");
    }
    return { target: checked(target), expiresAt };
  };
}

/** In development, `?target=` alone will do. */
export function byTokenOrName(verify: VerifyToken): Identify {
  const identifyByToken = byToken(verify);
  return async function identify(c, credential) {
    if (credential !== null) return await identifyByToken(c, credential);
    return { target: checked(c.req.query("target")), expiresAt: null };
  };
}

function checked(target: string | undefined): string {
  if (target === undefined) {
    throw new Problem(
      "bad-request",
      "target: is missing; a token says it or, in development mode alone, `?target=`",
    );
  }
  const { success, data, error } = Target.safeParse(target);
  if (success) return data;
  throw new Problem("bad-request", `target: ${error.issues[0]?.message}`);
}

function unauthorized(detail: string): Problem {
  return new Problem("not-authorized", detail, { headers: { "www-authenticate": "Bearer" } });
}
