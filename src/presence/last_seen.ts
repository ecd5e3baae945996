/** The last seen port: keeps for a while when the last connection of each target ended. */

export interface LastSeenOptions {
  /** How long it is kept, in milliseconds. */
  readonly keptMs: number;
  /** The most that all targets together may take: memory on a single node, and disk with NATS. The oldest goes first. */
  readonly maxBytes: number;
}

/**
 * The contract of all stores of what was last seen. `tests/contracts/last_seen.ts` tests it, and every adapter runs that
 * suite. What is stored survives what the journal survives. Times are in milliseconds since 1970.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { memoryLastSeen } from "./memory_last_seen.ts";
 *
 * const lastSeen: LastSeen = await memoryLastSeen({ keptMs: 1_000, maxBytes: 1024 * 1024, now: () => 10_000 });
 * lastSeen.saw("alexander", 9_500);
 * assertEquals(await lastSeen.of("alexander"), 9_500);
 * await lastSeen.forget("alexander");
 * assertEquals(await lastSeen.of("alexander"), null);
 * await lastSeen.close();
 * ```
 */
export interface LastSeen {
  /** The target had a connection until this time. Synchronous; it is stored soon, or as soon as that is possible. */
  saw(target: string, at: number): void;

  /** Null if it is not known. Rejects with `UnavailableError` of the journal's port. */
  of(target: string): Promise<number | null>;

  /**
   * Forgets a target, and ignores what this node has seen of it until now, also if it hears of that later. To erase a
   * target, close its connections, and then call this on every node. Rejects with `UnavailableError` of the journal's
   * port, and may be repeated.
   */
  forget(target: string): Promise<void>;

  /** Resolves when what was seen is stored, as far as that is possible now, or when the signal aborts. May be repeated. */
  close(signal?: AbortSignal): Promise<void>;
}

/** Keeps nothing. */
export const NEVER_SEEN: LastSeen = {
  saw() {},
  of: () => Promise.resolve(null),
  forget: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
