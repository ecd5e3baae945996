/** Verifies subscribers' tokens: JWTs signed with a shared secret, or with a key of a published set. */

import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import type { TokenConfig } from "../../config/config.ts";
import { Problem, unavailable } from "../../wire/problem.ts";
import { SecretTokens } from "./secret_tokens.ts";
import { type TokenClaims, VerifiedTokens } from "./verified_tokens.ts";

/** What a valid token says. */
export interface Token {
  readonly target: string;
  /** Milliseconds since 1970 at which a connection made with it ends; null: never. */
  readonly expiresAt: number | null;
  /** How long it lives in all: from when it was issued or, if it doesn't say, from now. */
  readonly lifeSeconds: number;
}

/** Rejects with a {@linkcode Problem}: `not-authorized`, or `unavailable` if the key set cannot be had. */
export type VerifyToken = (jwt: string) => Promise<Token>;

const CLOCK_TOLERANCE_SECONDS = 5;
const BY_SECRET = ["HS256"];
const BY_KEY_SET = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Verifies with the secret, the key set, or whichever of both the algorithm calls for. */
export function tokenVerifier({ secret, jwksUrl, issuer, audience }: TokenConfig): VerifyToken {
  const keyFor = keyFinder({ secret, jwksUrl });
  const options = {
    algorithms: [...(secret === null ? [] : BY_SECRET), ...(jwksUrl === null ? [] : BY_KEY_SET)],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ["sub"],
    ...(issuer !== null && { issuer }),
    ...(audience !== null && { audience }),
  };
  const signed = secret === null ? null : new SecretTokens(secret, options);
  const verified = new VerifiedTokens();
  async function verifiedAnew(jwt: string): Promise<TokenClaims> {
    const { payload, protectedHeader } = await jwtVerify(jwt, await keyFor, options);
    if (BY_SECRET.includes(protectedHeader.alg)) signed?.learnFrom(jwt);
    else verified.remember(jwt, payload);
    return payload;
  }
  function knownClaims(jwt: string): TokenClaims | undefined {
    const known = verified.find(jwt);
    return known === undefined || hasExpired(known) ? undefined : known;
  }
  return async function verify(jwt) {
    try {
      return tokenOf(signed?.claimsIn(jwt) ?? knownClaims(jwt) ?? await verifiedAnew(jwt));
    } catch (error) {
      throw problemOf(error);
    }
  };
}

/** No algorithm is for both kinds of key, so that a public key can never pass as the secret. */
async function keyFinder(
  { secret, jwksUrl }: Pick<TokenConfig, "secret" | "jwksUrl">,
): Promise<JWTVerifyGetKey> {
  const secretKey = await hmacKey(secret ?? crypto.randomUUID()); // without a secret, its algorithm is not allowed
  if (jwksUrl === null) return () => secretKey;
  const keySet = createRemoteJWKSet(new URL(jwksUrl), { [customFetch]: fetchKeys });
  return (header, jwt) => BY_SECRET.includes(header.alg) ? secretKey : keySet(header, jwt);
}

/** Imported once: jose would do it for each token, a third of its time. */
function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
}

/** jose leaves the body of an answer alone that is not 200, and with it the connection. */
async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.status !== 200) await response.body?.cancel();
  return response;
}

/** As jose judges it. */
function hasExpired({ exp = Infinity }: TokenClaims): boolean {
  return exp <= Math.floor(Date.now() / 1000) - CLOCK_TOLERANCE_SECONDS;
}

function tokenOf({ sub = "", iat, exp }: TokenClaims): Token {
  if (exp === undefined) return { target: sub, expiresAt: null, lifeSeconds: Infinity };
  const now = Date.now() / 1000;
  const end = exp > now ? exp : exp + CLOCK_TOLERANCE_SECONDS; // what was accepted late has what is left of that
  return { target: sub, expiresAt: end * 1000, lifeSeconds: exp - (iat ?? now) };
}

function problemOf(error: unknown): Problem {
  const isJudged = error instanceof errors.JOSEError && error.code !== "ERR_JOSE_GENERIC" &&
    !(error instanceof errors.JWKSTimeout) && !(error instanceof errors.JWKSInvalid);
  if (!isJudged) {
    return unavailable("the keys that verify tokens cannot be fetched", { seconds: 5, cause: error });
  }
  const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
  return new Problem("not-authorized", `the token is not valid: ${error.message}`, { headers, cause: error });
}
