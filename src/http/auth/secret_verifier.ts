/** Verifies tokens that are signed with a shared secret: the one that signs new tokens, or an earlier one. */

import { errors, type JWTPayload, jwtVerify, type JWTVerifyOptions } from "jose";
import { HmacVerifier } from "./hmac_verifier.ts";

interface Verifier {
  readonly hmac: HmacVerifier;
  readonly key: Promise<CryptoKey>;
}

export class SecretVerifier {
  readonly #verifiers: readonly Verifier[];
  readonly #options: JWTVerifyOptions;

  /** @param secrets the one that most tokens are signed with is the first. Without any, the options must allow no HMAC */
  constructor(secrets: readonly string[], options: JWTVerifyOptions) {
    this.#options = options;
    this.#verifiers = (secrets.length === 0 ? [crypto.randomUUID()] : secrets).map((secret) => (
      { hmac: new HmacVerifier(secret, options), key: importSecret(secret) }
    ));
  }

  /** Returns the claims, or undefined if jose must verify the token. Throws jose's error if the claims are not valid. */
  verify(jwt: string): JWTPayload | undefined {
    for (const { hmac } of this.#verifiers) {
      const claims = hmac.verify(jwt);
      if (claims !== undefined) return claims;
    }
    return undefined;
  }

  /** Rejects with jose's error: that of the last secret, if none has signed the token. */
  async verifyWithJose(jwt: string): Promise<JWTPayload> {
    let failure: unknown;
    for (const { hmac, key } of this.#verifiers) {
      try {
        const { payload } = await jwtVerify(jwt, await key, this.#options);
        hmac.learnHeader(jwt);
        return payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
        failure = error;
      }
    }
    throw failure;
  }
}

/** Imports the secret once. jose would import it for each token, which is a third of its time. */
function importSecret(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
}
