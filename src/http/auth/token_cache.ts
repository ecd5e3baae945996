/** A cache of the claims of tokens that a key set has verified, so that a returning tab skips the verification. */

import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";

/** The claims that the service reads. */
export type TokenClaims = Pick<JWTPayload, "sub" | "iat" | "exp" | "jti">;

const MAX_TOKENS = 65_536;
const MAX_AGE_MS = 10 * 60 * 1000; // as long as jose caches a key set; it limits how long a revoked key still counts

/**
 * The keys are hashes of the tokens, which are short and not secret. There are two generations, and the older one is
 * dropped as a whole, so that no entry has to be looked up to be evicted.
 */
export class TokenCache {
  readonly #max: number;
  readonly #now: () => number;
  #young = new Map<string, TokenClaims>();
  #old = new Map<string, TokenClaims>();
  #rotatesAt = -Infinity;

  /** @param options.now the clock, in milliseconds since 1970 */
  constructor({ max = MAX_TOKENS, now = Date.now }: { max?: number; now?: () => number } = {}) {
    this.#max = max;
    this.#now = now;
  }

  /** Returns undefined if the token has to be verified. The caller checks whether it has expired since. */
  get(jwt: string): TokenClaims | undefined {
    this.#rotate();
    const hash = hashOf(jwt);
    return this.#young.get(hash) ?? this.#old.get(hash);
  }

  /** Adds a token that has just been verified. */
  set(jwt: string, { sub, iat, exp, jti }: TokenClaims): void {
    this.#rotate();
    const claims: TokenClaims = {
      ...(sub !== undefined && { sub }),
      ...(iat !== undefined && { iat }),
      ...(exp !== undefined && { exp }),
      ...(jti !== undefined && { jti }),
    };
    this.#young.set(hashOf(jwt), claims);
  }

  #rotate(): void {
    const now = this.#now();
    if (now < this.#rotatesAt && this.#young.size < this.#max / 2) return;
    const isOverdue = now >= this.#rotatesAt + MAX_AGE_MS / 2;
    this.#old = isOverdue ? new Map() : this.#young;
    this.#young = new Map();
    this.#rotatesAt = now + MAX_AGE_MS / 2;
  }
}

function hashOf(jwt: string): string {
  return createHash("sha256").update(jwt).digest("base64");
}
