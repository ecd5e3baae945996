/** The signed tokens with which this node identifies itself to push services (VAPID, RFC 8292). */

import { Buffer } from "node:buffer";
import { type JWK, SignJWT } from "jose";
import type { PushConfig } from "../config/config.ts";

/** The keys, and the contact for the operators of push services. */
export type VapidIdentity = Pick<PushConfig, "privateKey" | "publicKey" | "subject">;

/** Services may refuse more than a day (section 2), and their clocks may differ. */
const LIFE_MS = 12 * 60 * 60_000;
/** A token is used as long as an hour of it is left. */
const MAX_AGE_MS = 11 * 60 * 60_000;
/** Browsers choose among the vendors' subdomains, so without a limit they could fill the memory. */
const MAX_ORIGINS = 256;

interface SignedToken {
  readonly authorization: string;
  readonly signedAt: number;
}

/** Signing takes 0.7 ms of CPU time, so there is one token for each service, which all pushes to it share. */
export class VapidTokens {
  readonly #identity: VapidIdentity;
  readonly #now: () => number;
  readonly #tokens = new Map<string, SignedToken>(); // by the service's origin, the oldest first

  /** @param options `now` returns milliseconds since 1970 */
  constructor(identity: VapidIdentity, { now }: { now: () => number }) {
    this.#identity = identity;
    this.#now = now;
  }

  /** The value of the header `Authorization` for a push service. */
  async authorize(origin: string): Promise<string> {
    const known = this.#tokens.get(origin);
    const ageMs = this.#now() - (known?.signedAt ?? 0);
    if (known !== undefined && ageMs >= 0 && ageMs <= MAX_AGE_MS) return known.authorization;
    const signed = await this.#sign(origin);
    this.#tokens.delete(origin);
    this.#tokens.set(origin, signed);
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= MAX_ORIGINS) break;
      this.#tokens.delete(oldest);
    }
    return signed.authorization;
  }

  async #sign(origin: string): Promise<SignedToken> {
    const { privateKey, publicKey, subject } = this.#identity;
    const signedAt = this.#now();
    const token = await new SignJWT({ sub: subject })
      .setProtectedHeader({ typ: "JWT", alg: "ES256" })
      .setAudience(origin)
      .setExpirationTime(Math.floor((signedAt + LIFE_MS) / 1000))
      .sign(toJwk({ privateKey, publicKey }));
    return { authorization: `vapid t=${token}, k=${publicKey}`, signedAt };
  }
}

/** The public key is a byte of 4, and then two coordinates of 32 bytes each. */
function toJwk({ privateKey, publicKey }: Pick<VapidIdentity, "privateKey" | "publicKey">): JWK {
  const point = Buffer.from(publicKey, "base64url");
  const x = point.toString("base64url", 1, 33), y = point.toString("base64url", 33);
  return { kty: "EC", crv: "P-256", d: privateKey, x, y };
}
