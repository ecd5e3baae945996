/** Tokens that are signed with the shared secret: verified at once, by the thread that asks. */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type JWTClaimVerificationOptions, type JWTPayload, UnsecuredJWT } from "jose";

const MAX_HEADERS = 16; // every library writes one, and every key id makes another
const [UNSECURED = ""] = new UnsecuredJWT().encode().split(".");

/**
 * Of each tab of a thousand that connect at once, a signature costs a core 70 µs by jose, which has another thread check
 * it, 55 by node:crypto, for which an HMAC is two streams, and 15 by this. It looks at the signature alone: the header has
 * to be one that jose took before, with the same options and the same secret, and jose judges the claims.
 */
export class SecretTokens {
  readonly #fresh: ReturnType<typeof hmac.create>; // keyed, and given nothing yet
  readonly #used: ReturnType<typeof hmac.create>;
  readonly #options: JWTClaimVerificationOptions;
  readonly #headers = new Set<string>();

  constructor(secret: string, options: JWTClaimVerificationOptions) {
    this.#fresh = hmac.create(sha256, Buffer.from(secret));
    this.#used = hmac.create(sha256, Buffer.from(secret));
    this.#options = options;
  }

  /** What a token says; undefined if jose has to look at all of it. Throws as jose does if claims are not right. */
  claimsIn(jwt: string): JWTPayload | undefined {
    const claimsAt = jwt.indexOf("."), signatureAt = jwt.lastIndexOf(".");
    if (!this.#headers.has(jwt.slice(0, claimsAt)) || !this.#isSigned(jwt, signatureAt)) return undefined;
    return UnsecuredJWT.decode(`${UNSECURED}${jwt.slice(claimsAt, signatureAt)}.`, this.#options).payload;
  }

  /** jose has verified this one, with the secret. */
  learnFrom(jwt: string): void {
    if (this.#headers.size < MAX_HEADERS) this.#headers.add(jwt.slice(0, jwt.indexOf(".")));
  }

  /** Compared as text: one spelling of a signature is enough here. What isn't ASCII is longer, or another text. */
  #isSigned(jwt: string, signatureAt: number): boolean {
    const keyed = this.#fresh._cloneInto(this.#used); // a new one would cost 6 µs more
    const signature = keyed.update(Buffer.from(jwt.slice(0, signatureAt))).digest();
    const right = Buffer.from(signature.toBase64({ alphabet: "base64url", omitPadding: true }));
    const given = Buffer.from(jwt.slice(signatureAt + 1));
    return given.length === right.length && timingSafeEqual(given, right);
  }
}
