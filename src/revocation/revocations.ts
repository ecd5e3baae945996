/** The revocations port: which tokens of subscribers are valid no longer, although they have not expired. */

/** Revokes one token, by its `jti`. */
export interface TokenRevocation {
  readonly jti: string;
  /** When it may be forgotten, because the token has expired by then. Milliseconds since 1970. */
  readonly keptUntil: number;
}

/** Revokes all tokens of a target that were issued before a time. */
export interface TargetRevocation {
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly issuedBefore: number;
  /** When it may be forgotten, because the tokens have expired by then. Milliseconds since 1970. */
  readonly keptUntil: number;
}

export type Revocation = TokenRevocation | TargetRevocation;

/** What tells a token from others. */
export interface TokenIdentity {
  readonly target: string;
  /** Null: the token has none. */
  readonly jti: string | null;
  /** In seconds since 1970; 0: the token does not say, so it counts as older than all others. Null: there is no token. */
  readonly issuedAt: number | null;
}

/** What is kept, for the metrics. */
export interface RevocationStats {
  /** The number of revocations. */
  readonly kept: number;
  /** What they take: memory, or room where they are stored, whichever is more. */
  readonly bytes: number;
  /** The most that they may take. */
  readonly maxBytes: number;
}

/** The default of `expireMs`. */
export const EXPIRE_MS = 60_000;

export interface RevocationsOptions {
  /** The most that all revocations together may take, in memory and where they are stored. */
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The interval at which what has expired is forgotten. */
  readonly expireMs?: number;
  /**
   * Called on each node when it learns of a revocation, also of one that was made on another node. It is synchronous,
   * and `isRevoked` knows the revocation by then.
   */
  readonly onRevoked: (revocation: Revocation) => void;
}

/**
 * The contract of all stores of revocations. `tests/contracts/revocations.ts` tests it, and every adapter runs that
 * suite. Revocations survive restarts as far as the adapter is durable.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { memoryRevocations } from "./memory_revocations.ts";
 *
 * const options = { maxBytes: 65_536, now: () => 0, onRevoked: () => {} };
 * const revocations: Revocations = memoryRevocations(options);
 * await revocations.add({ jti: "1", keptUntil: 60_000 });
 * await revocations.add({ target: "alexander", issuedBefore: 20_000, keptUntil: 60_000 });
 * const isRevoked = (jti: string, issuedAt: number) =>
 *   revocations.isRevoked({ target: "alexander", jti, issuedAt });
 * assertEquals([isRevoked("1", 30), isRevoked("2", 19), isRevoked("2", 20)], [true, true, false]);
 * await revocations.close();
 * ```
 */
export interface Revocations {
  /**
   * Adds a revocation, or extends the one that is known of the same `jti` or target: the later times of both count.
   * Resolves with what is known then, when it is as durable as the adapter makes it and this node goes by it. The other
   * nodes do within a heartbeat. Rejects with `UnavailableError` of the journal's port, also if there is no room; the
   * revocation may have been made then, and may be repeated.
   */
  add<R extends Revocation>(revocation: R): Promise<R>;

  /** Costs a look into memory, and nothing while nothing is revoked. Synchronous. */
  isRevoked(token: TokenIdentity): boolean;

  /**
   * False while other nodes may have revoked tokens of which this node cannot know: nobody is to be admitted then.
   * Synchronous.
   */
  readonly isCurrent: boolean;

  /** Synchronous. */
  stats(): RevocationStats;

  /** Stops everything that the store runs. */
  close(): Promise<void>;
}
