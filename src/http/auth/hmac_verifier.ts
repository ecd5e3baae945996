/** Verifies tokens that are signed with the shared secret, synchronously and without another thread. */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type JWTClaimVerificationOptions, type JWTPayload, UnsecuredJWT } from "jose";

const MAX_HEADERS = 16; // a library writes the same header into every token, and each key id makes another header
const [UNSECURED_HEADER = ""] = new UnsecuredJWT().encode().split(".");

/**
 * When a thousand tabs connect at once, the signature of each costs a core 70 µs with jose, which verifies it in another
 * thread, 55 µs with node:crypto, which makes two streams for an HMAC, and 15 µs here. This class verifies the signature
 * alone: the header must equal one that jose has accepted with the same options and secret, and jose checks the claims.
 */
export class HmacVerifier {
  readonly #keyed: ReturnType<typeof hmac.create>; // has the secret, and no data yet
  readonly #scratch: ReturnType<typeof hmac.create>;
  readonly #options: JWTClaimVerificationOptions;
  readonly #headers = new Set<string>();

  constructor(secret: string, options: JWTClaimVerificationOptions) {
    this.#keyed = hmac.create(sha256, Buffer.from(secret));
    this.#scratch = hmac.create(sha256, Buffer.from(secret));
    this.#options = options;
  }

  /** Returns the claims, or undefined if jose must verify the token. Throws jose's error if the claims are not valid. */
  verify(jwt: string): JWTPayload | undefined {
    const claimsAt = jwt.indexOf("."), signatureAt = jwt.lastIndexOf(".");
    if (!this.#headers.has(jwt.slice(0, claimsAt)) || !this.#isSigned(jwt, signatureAt)) return undefined;
    return UnsecuredJWT.decode(`${UNSECURED_HEADER}${jwt.slice(claimsAt, signatureAt)}.`, this.#options)
      .payload;
  }

  /** Remembers the header of a token that jose has verified with the secret. */
  learnHeader(jwt: string): void {
    if (this.#headers.size < MAX_HEADERS) this.#headers.add(jwt.slice(0, jwt.indexOf(".")));
  }

  /**
   * Compares the signature as text, because only its canonical spelling needs to be accepted here. The UTF-8 of text that
   * is not ASCII cannot equal it.
   */
  #isSigned(jwt: string, signatureAt: number): boolean {
    const keyed = this.#keyed._cloneInto(this.#scratch); // a new object would cost 6 µs more
    const signature = keyed.update(Buffer.from(jwt.slice(0, signatureAt))).digest();
    const expected = Buffer.from(signature.toBase64({ alphabet: "base64url", omitPadding: true }));
    const actual = Buffer.from(jwt.slice(signatureAt + 1));
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }
}
