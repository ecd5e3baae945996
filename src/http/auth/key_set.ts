/** The key set of an identity provider (JWKS): verifies tokens with whichever of its keys has signed them. */

import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWSHeaderParameters,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from "jose";

/** Anybody can send a token that no key fits, so such tokens must not have the set fetched again and again. */
const MIN_MS_BETWEEN_RENEWALS = 10_000;

/**
 * `kid` is only a hint (RFC 7515, section 4.1.4): keys may have none, or a new key may have that of the old one. So all
 * keys that fit are tried, and if none has signed the token, the set is fetched again.
 */
export class KeySet {
  readonly #remote: ReturnType<typeof createRemoteJWKSet>;
  #fetches = 0;
  #renewableAt = -Infinity;

  constructor(url: string) {
    this.#remote = createRemoteJWKSet(new URL(url), {
      cooldownDuration: Infinity, // jose does not fetch again for an unknown `kid`, because `verify` does
      [customFetch]: (url, options) => this.#fetch(url, options),
    });
  }

  /** Rejects with an error of jose about the token, or with the error of fetching the set. */
  async verify(jwt: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
    const fetches = this.#fetches;
    try {
      return await this.#verifyWithKnown(jwt, options);
    } catch (error) {
      if (!isAboutKey(error) || !await this.#renew(fetches)) throw error;
      return await this.#verifyWithKnown(jwt, options);
    }
  }

  /** Tries the keys with the token's `kid` or, if there is none, all keys. */
  async #verifyWithKnown(jwt: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
    try {
      return await verifyWithAny(jwt, this.#remote, options);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return await verifyWithAny(jwt, (header, token) => this.#remote(withoutKid(header), token), options);
    }
  }

  /**
   * Fetches the set again, unless that was done a moment ago.
   *
   * @param fetches how often it had been fetched when the token was tried
   * @returns whether the set may be newer than the one that the token was tried with
   */
  async #renew(fetches: number): Promise<boolean> {
    if (this.#fetches !== fetches && !this.#remote.reloading) return true;
    if (!this.#remote.reloading) {
      if (Date.now() < this.#renewableAt) return false;
      this.#renewableAt = Date.now() + MIN_MS_BETWEEN_RENEWALS;
    }
    await this.#remote.reload();
    return true;
  }

  /** Cancels the body of a response that is not 200. jose does not read it, so its connection would stay open. */
  async #fetch(url: string, options: RequestInit): Promise<Response> {
    const response = await fetch(url, options).catch((cause) => {
      throw cause instanceof TypeError ? new errors.JOSEError(cause.message, { cause }) : cause; // no key is at fault
    });
    if (response.status !== 200) await response.body?.cancel();
    this.#fetches++;
    return response;
  }
}

/** If several keys fit, jose throws an error that yields them. */
async function verifyWithAny(
  jwt: string,
  getKey: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(jwt, getKey, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const result = await jwtVerify(jwt, key, options).catch(ignoreOtherKey);
      if (result !== null) return result;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function ignoreOtherKey(error: unknown): null {
  if (error instanceof errors.JWSSignatureVerificationFailed || isUnusable(error)) return null;
  throw error;
}

/** Whether another key might have signed the token. */
function isAboutKey(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWSSignatureVerificationFailed || isUnusable(error);
}

/** Whether Web Crypto or jose has refused the key itself: it is too short, or its numbers are not those of a key. */
function isUnusable(error: unknown): boolean {
  return error instanceof TypeError || error instanceof DOMException;
}

function withoutKid({ kid: _, ...header }: JWSHeaderParameters): JWSHeaderParameters {
  return header;
}
