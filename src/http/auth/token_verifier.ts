/** Verifies subscribers' tokens: JWTs that are signed with the shared secret, or with a key of a published set. */

import { decodeProtectedHeader, errors } from "jose";
import type { TokenConfig } from "../../config/config.ts";
import type { TokenIdentity } from "../../revocation/revocations.ts";
import { Problem, unavailable } from "../../wire/problem.ts";
import { Target } from "../../wire/names.ts";
import { isRevocable } from "../../wire/revocation.ts";
import { KeySet } from "./key_set.ts";
import { SecretVerifier } from "./secret_verifier.ts";
import { TokenCache, type TokenClaims } from "./token_cache.ts";
import { WrongCredential } from "./wrong_credential.ts";

/** The content of a valid token. */
export interface Token extends TokenIdentity {
  /** When a connection with the token ends, in milliseconds since 1970. Null if it never does. */
  readonly expiresAt: number | null;
  /** The lifetime, from when the token was issued or, if it has no `iat`, from now. */
  readonly lifeSeconds: number;
}

/** Rejects with a {@linkcode Problem}: `not-authorized`, or `unavailable` if the key set cannot be fetched. */
export type VerifyToken = (jwt: string) => Promise<Token>;

const CLOCK_TOLERANCE_SECONDS = 5;
const SECRET_ALGORITHMS = ["HS256"];
const KEY_SET_ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA"],
];

/**
 * The algorithm of a token decides whether the secrets or the key set verifies it, if both are configured. No algorithm
 * works with both kinds of key, so a public key can never be used as the secret.
 */
export function createTokenVerifier(
  { secret, oldSecrets, jwksUrl, issuer, audience, maxSeconds }: TokenConfig,
): VerifyToken {
  const secrets = secret === null ? oldSecrets : [secret, ...oldSecrets];
  const keySet = jwksUrl === null ? null : new KeySet(jwksUrl);
  const options = {
    algorithms: [
      ...(secrets.length === 0 ? [] : SECRET_ALGORITHMS),
      ...(jwksUrl === null ? [] : KEY_SET_ALGORITHMS),
    ],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ["sub"],
    ...(issuer !== null && { issuer }),
    ...(audience !== null && { audience }),
  };
  const bySecret = new SecretVerifier(secrets, options);
  const cache = new TokenCache();
  async function verifyWithJose(jwt: string): Promise<TokenClaims> {
    if (keySet !== null && KEY_SET_ALGORITHMS.includes(algorithmOf(jwt))) {
      const { payload } = await keySet.verify(jwt, options);
      cache.set(jwt, payload);
      return payload;
    }
    return await bySecret.verifyWithJose(jwt);
  }
  function cachedClaims(jwt: string): TokenClaims | undefined {
    const claims = cache.get(jwt);
    return claims === undefined || hasExpired(claims) ? undefined : claims;
  }
  return async function verify(jwt) {
    try {
      return tokenOf(bySecret.verify(jwt) ?? cachedClaims(jwt) ?? await verifyWithJose(jwt), { maxSeconds });
    } catch (error) {
      throw problemOf(error);
    }
  };
}

/** An empty text if the token has none, or is no token at all. */
function algorithmOf(jwt: string): string {
  try {
    return decodeProtectedHeader(jwt).alg ?? "";
  } catch {
    return "";
  }
}

/** Uses jose's formula. */
function hasExpired({ exp = Infinity }: TokenClaims): boolean {
  return exp <= Math.floor(Date.now() / 1000) - CLOCK_TOLERANCE_SECONDS;
}

/**
 * Checks what jose does not: that `sub` is a target, and that the token has not been issued in the future or too long ago.
 * Without the last, a token would outlive its revocation.
 */
function tokenOf(
  { sub, iat, exp, jti }: TokenClaims,
  { maxSeconds }: Pick<TokenConfig, "maxSeconds">,
): Token {
  const { success, data: target, error } = Target.safeParse(sub);
  if (!success) throw invalidToken(`sub: ${error.issues[0]?.message}`);
  const now = Date.now() / 1000;
  if (iat !== undefined && iat > now + CLOCK_TOLERANCE_SECONDS) {
    throw invalidToken("iat is in the future: it must be in seconds, and the clocks must agree");
  }
  const lastSecond = iat === undefined ? Infinity : iat + maxSeconds;
  if (lastSecond <= now - CLOCK_TOLERANCE_SECONDS) {
    throw invalidToken(`it was issued more than ${maxSeconds} seconds ago (TIDINGS_MAX_TOKEN_SECONDS)`);
  }
  const last = Math.min(exp ?? Infinity, lastSecond);
  const end = last > now ? last : last + CLOCK_TOLERANCE_SECONDS; // the tolerance also keeps the connection open
  return {
    target,
    jti: typeof jti === "string" && isRevocable(jti) ? jti : null,
    issuedAt: iat ?? 0,
    expiresAt: end === Infinity ? null : end * 1000,
    lifeSeconds: exp === undefined ? Infinity : exp - (iat ?? now),
  };
}

/** Errors of jose about the token are the client's fault. All other errors are failures to fetch the key set. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const isAboutToken = error instanceof errors.JOSEError && error.code !== "ERR_JOSE_GENERIC" &&
    !(error instanceof errors.JWKSTimeout) && !(error instanceof errors.JWKSInvalid);
  if (isAboutToken) return isSigned(error) ? invalidToken(error.message, error) : wrongToken(error);
  return unavailable("the keys that verify tokens cannot be fetched", { seconds: 5, cause: error });
}

/** jose looks at the claims of a token only after it has verified the signature. */
function isSigned(error: errors.JOSEError): boolean {
  return error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired;
}

const CHALLENGE = 'Bearer error="invalid_token"';

function wrongToken(cause: errors.JOSEError): Problem {
  return new WrongCredential(`the token is not valid: ${cause.message}`, { challenge: CHALLENGE, cause });
}

function invalidToken(reason: string, cause?: unknown): Problem {
  const headers = { "www-authenticate": CHALLENGE };
  return new Problem("not-authorized", `the token is not valid: ${reason}`, { headers, cause });
}
