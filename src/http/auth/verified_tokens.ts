/** Verified tokens: what the latest by a key set said, so that a tab that comes back is not verified anew. */

import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";

/** As much of a payload as is asked for. */
export type TokenClaims = Pick<JWTPayload, "sub" | "iat" | "exp">;

const MAX = 65_536;
const MAX_MS = 10 * 60 * 1000; // as jose keeps a key set: a key that was taken back is believed no longer than that

/**
 * By the token's hash, which is short and no secret. Two generations, of which the older one goes as a whole: none
 * of its members has to be looked for.
 */
export class VerifiedTokens {
  readonly #max: number;
  readonly #now: () => number;
  #young = new Map<string, TokenClaims>();
  #old = new Map<string, TokenClaims>();
  #agesAt = -Infinity;

  /** @param now milliseconds since 1970 */
  constructor({ max = MAX, now = Date.now }: { max?: number; now?: () => number } = {}) {
    this.#max = max;
    this.#now = now;
  }

  /** Undefined if the token has to be verified. Whether it has expired since is not looked at. */
  find(jwt: string): TokenClaims | undefined {
    this.#age();
    const hash = hashOf(jwt);
    return this.#young.get(hash) ?? this.#old.get(hash);
  }

  /** The token was verified just now. */
  remember(jwt: string, { sub, iat, exp }: TokenClaims): void {
    this.#age();
    const claims: TokenClaims = {
      ...(sub !== undefined && { sub }),
      ...(iat !== undefined && { iat }),
      ...(exp !== undefined && { exp }),
    };
    this.#young.set(hashOf(jwt), claims);
  }

  #age(): void {
    const now = this.#now();
    if (now < this.#agesAt && this.#young.size < this.#max / 2) return;
    const isLongAgo = now >= this.#agesAt + MAX_MS / 2;
    this.#old = isLongAgo ? new Map() : this.#young;
    this.#young = new Map();
    this.#agesAt = now + MAX_MS / 2;
  }
}

function hashOf(jwt: string): string {
  return createHash("sha256").update(jwt).digest("base64");
}
