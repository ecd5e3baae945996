/** KeptValues: one value for each target, in memory over a store, which is written behind and in batches. */

import type { z } from "zod";
import { pause } from "../async/pause.ts";
import { UnavailableError } from "../journal/journal.ts";
import type { RowChanges } from "../journal/row_store.ts";
import type { TargetValue, ValueStore } from "./value_store.ts";

export interface KeptValuesOptions<T> {
  /** What is stored and does not match is not of this version, and is dropped. */
  readonly schema: z.ZodType<T>;
  /** The order that the values are to have after a restart. By default, it is that in which their targets were added. */
  readonly compare?: (one: T, other: T) => number;
  /** How long it waits after a failure to write. */
  readonly retryMs?: number;
}

interface KeptValue<T> {
  readonly value: T;
  readonly sequence: number;
}

/** A change that is not stored yet. The value is looked up when it is written. */
interface Unwritten extends PromiseWithResolvers<void> {
  readonly sequence: number;
}

/** A transaction of so many rows occupies the worker for 5 ms. */
const MAX_ROWS = 1_000;
const RETRY_MS = 500;

/** What cannot be written stays in memory, and is written when that is possible again. */
export class KeptValues<T> {
  readonly #store: ValueStore;
  readonly #retryMs: number;
  readonly #values = new Map<string, KeptValue<T>>(); // the one that was set first comes first
  readonly #unwritten = new Map<string, Unwritten>();
  #beingWritten: ReadonlyMap<string, Unwritten> = new Map();
  readonly #stop = new AbortController();
  #lastSequence = 0;
  #isWriting = false;
  #isHurried = false; // what is not being written yet is given up
  #writing: Promise<void> = Promise.resolve();

  private constructor(store: ValueStore, retryMs: number) {
    this.#store = store;
    this.#retryMs = retryMs;
  }

  /** Opens a store that may have values. */
  static async open<T>(
    store: ValueStore,
    { schema, compare = () => 0, retryMs = RETRY_MS }: KeptValuesOptions<T>,
  ): Promise<KeptValues<T>> {
    const kept = new KeptValues<T>(store, retryMs), loaded: (readonly [string, KeptValue<T>])[] = [];
    for await (const page of store.load()) {
      for (const { sequence, target, value: text } of page) {
        kept.#lastSequence = Math.max(kept.#lastSequence, sequence);
        const value = schema.safeParse(parseOrNull(text)).data;
        if (value !== undefined) loaded.push([target, { value, sequence }]);
        else void store.write({ put: [], removed: [sequence] }).catch(() => {}); // the next start finds it again
      }
    }
    loaded.sort(([, one], [, other]) => compare(one.value, other.value)); // it is stable
    for (const [target, value] of loaded) kept.#values.set(target, value);
    return kept;
  }

  /** The number of targets with a value. */
  get size(): number {
    return this.#values.size;
  }

  get(target: string): T | undefined {
    return this.#values.get(target)?.value;
  }

  /** The targets and their values. The one that was set the longest time ago comes first. */
  *entries(): Generator<[string, T], void> {
    for (const [target, { value }] of this.#values) yield [target, value];
  }

  /**
   * Sets the value of a target at once; null removes it. The promise resolves when that is stored, and rejects with
   * {@linkcode UnavailableError} if it cannot be stored until `close`. It may be ignored.
   */
  set(target: string, value: T | null): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.reject(closed());
    const known = this.#values.get(target), sequence = known?.sequence ?? this.#nextSequence(target);
    this.#values.delete(target);
    if (value !== null) this.#values.set(target, { value, sequence });
    return this.#writeSoon(target, sequence);
  }

  /** Resolves when the value that the target has now is stored. Rejects as `set` does. */
  async stored(target: string): Promise<void> {
    await this.#pending(target)?.promise;
  }

  /** Writes what is not stored yet, if that is possible now, until the signal aborts. May be repeated. */
  async close(signal?: AbortSignal): Promise<void> {
    this.#stop.abort();
    signal?.addEventListener("abort", () => this.#isHurried = true, { once: true });
    this.#isHurried ||= signal?.aborted ?? false;
    await this.#writing;
    const left = [...this.#unwritten.values()];
    this.#unwritten.clear();
    for (const { reject } of left) reject(closed());
  }

  /** A target whose removal is not stored yet keeps its number, so that it never has two rows. */
  #nextSequence(target: string): number {
    return this.#pending(target)?.sequence ?? ++this.#lastSequence;
  }

  #pending(target: string): Unwritten | undefined {
    return this.#unwritten.get(target) ?? this.#beingWritten.get(target);
  }

  #writeSoon(target: string, sequence: number): Promise<void> {
    let unwritten = this.#unwritten.get(target);
    if (unwritten === undefined) {
      unwritten = { ...Promise.withResolvers<void>(), sequence };
      unwritten.promise.catch(() => {}); // most callers do not wait for it
      this.#unwritten.set(target, unwritten);
    }
    if (!this.#isWriting) this.#writing = this.#writeAll();
    return unwritten.promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#unwritten.size > 0 && !this.#isHurried) {
      const batch = this.#beingWritten = new Map(this.#unwritten.entries().take(MAX_ROWS));
      for (const target of batch.keys()) this.#unwritten.delete(target);
      const isWritten = await this.#store.write(this.#changesOf(batch)).then(() => true, () => false);
      this.#beingWritten = new Map();
      if (isWritten) {
        for (const { resolve } of batch.values()) resolve();
        continue;
      }
      for (const [target, unwritten] of batch) this.#putBack(target, unwritten);
      if (this.#stop.signal.aborted) break;
      await pause(this.#retryMs, this.#stop.signal);
    }
    this.#isWriting = false; // there is no await after the check, so no change can have come in between
  }

  #changesOf(batch: ReadonlyMap<string, Unwritten>): RowChanges<TargetValue> {
    const put: TargetValue[] = [], removed: number[] = [];
    for (const [target, { sequence }] of batch) {
      const kept = this.#values.get(target);
      if (kept === undefined) removed.push(sequence);
      else put.push({ sequence, target, value: JSON.stringify(kept.value) });
    }
    return { put, removed };
  }

  #putBack(target: string, unwritten: Unwritten): void {
    const newer = this.#unwritten.get(target);
    if (newer === undefined) this.#unwritten.set(target, unwritten);
    else newer.promise.then(unwritten.resolve, unwritten.reject);
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function closed(): UnavailableError {
  return new UnavailableError("the store is closed");
}
