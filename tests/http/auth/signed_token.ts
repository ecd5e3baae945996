/** Signs tokens as a backend does that shares a secret with the service. */

import { type JWTPayload, SignJWT } from "jose";

export const TOKEN_SECRET = "the secret of the founding fathers";

/** Now and then, in the seconds of a token. */
export function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A token with these claims, and with nothing that they don't say. */
export function signedToken(
  claims: JWTPayload,
  { secret = TOKEN_SECRET, alg = "HS256" }: { secret?: string; alg?: string } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

/** A token that no one has signed: header, claims, and a signature that is empty or made up. */
export function unsignedToken(claims: JWTPayload, { alg = "none", signature = "" } = {}): string {
  return [JSON.stringify({ alg, typ: "JWT" }), JSON.stringify(claims), signature].map((part) =>
    btoa(part).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_")
  ).join(".");
}
