/** Signs tokens as a backend does that shares the secret with the service. */

import { type JWTPayload, SignJWT } from "jose";

export const TOKEN_SECRET = "the secret of the founding fathers";

/** A time relative to now, in seconds since 1970 as tokens use them. */
export function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A token with exactly these claims. */
export function signedToken(
  claims: JWTPayload,
  { secret = TOKEN_SECRET, alg = "HS256" }: { secret?: string; alg?: string } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

/** The header of a request with the token. */
export function bearer(jwt: string): { authorization: string } {
  return { authorization: `Bearer ${jwt}` };
}

/** A token without a valid signature: header, claims, and a signature that is empty or made up. */
export function unsignedToken(claims: JWTPayload, { alg = "none", signature = "" } = {}): string {
  return [JSON.stringify({ alg, typ: "JWT" }), JSON.stringify(claims), signature].map((part) =>
    btoa(part).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_")
  ).join(".");
}
