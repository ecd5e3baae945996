/** When targets were last seen on a single node: in memory, over a store that decides only what survives a restart. */

import { Time } from "../wire/time.ts";
import { ForgottenTargets } from "./forgotten_targets.ts";
import { KeptValues } from "./kept_values.ts";
import type { LastSeen, LastSeenOptions } from "./last_seen.ts";
import type { ValueStore } from "./value_store.ts";

export interface StoredLastSeenOptions extends LastSeenOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Each of 200,000 targets takes 250 bytes of V8's heap besides its name. */
const TARGET_BYTES = 250;
const EXPIRE_EVERY_MS = 60_000;
const MAX_EXPIRED = 1_000; // at a time

export class StoredLastSeen implements LastSeen {
  readonly #values: KeptValues<number>;
  readonly #options: StoredLastSeenOptions;
  readonly #forgotten: ForgottenTargets;
  readonly #timer: ReturnType<typeof setInterval>;
  #bytes = 0;

  private constructor(values: KeptValues<number>, options: StoredLastSeenOptions) {
    this.#values = values;
    this.#options = options;
    this.#forgotten = new ForgottenTargets(options.now);
    for (const [target] of values.entries()) this.#bytes += costOf(target);
    this.#timer = setInterval(() => this.#trim(MAX_EXPIRED), EXPIRE_EVERY_MS);
    this.#trim(Infinity);
  }

  /** Opens a store that may have targets. */
  static async open(store: ValueStore, options: StoredLastSeenOptions): Promise<StoredLastSeen> {
    const kept = { schema: Time, compare: (one: number, other: number) => one - other };
    return new StoredLastSeen(await KeptValues.open(store, kept), options);
  }

  saw(target: string, at: number): void {
    const known = this.#values.get(target);
    if (this.#forgotten.has(target, at) || at <= (known ?? -Infinity)) return;
    if (known === undefined) this.#bytes += costOf(target);
    void this.#values.set(target, at).catch(() => {}); // it is closed
    this.#trim(MAX_EXPIRED);
  }

  of(target: string): Promise<number | null> {
    const at = this.#values.get(target);
    return Promise.resolve(at === undefined || this.#isExpired(at) ? null : at);
  }

  async forget(target: string): Promise<void> {
    this.#forgotten.add(target);
    if (this.#values.get(target) !== undefined) await this.#remove(target);
  }

  async close(signal?: AbortSignal): Promise<void> {
    clearInterval(this.#timer);
    await this.#values.close(signal);
  }

  /** What was set first is the oldest, because connections end in the order of time. */
  #trim(max: number): void {
    let left = max;
    for (const [target, at] of this.#values.entries()) {
      if (left-- <= 0 || (this.#bytes <= this.#options.maxBytes && !this.#isExpired(at))) return;
      void this.#remove(target).catch(() => {}); // it is closed
    }
  }

  #remove(target: string): Promise<void> {
    this.#bytes -= costOf(target);
    return this.#values.set(target, null);
  }

  #isExpired(at: number): boolean {
    return at + this.#options.keptMs <= this.#options.now();
  }
}

function costOf(target: string): number {
  return TARGET_BYTES + 2 * target.length;
}
