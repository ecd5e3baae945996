/** The revocations of a single node: all of them in memory, over a store that decides what survives a restart. */

import { UnavailableError } from "../journal/journal.ts";
import type { RevocationStore } from "./revocation_store.ts";
import { costOf, isCovered, keyOf, mergeRevocations, RevocationIndex } from "./revocation_index.ts";
import {
  EXPIRE_MS,
  type Revocation,
  type Revocations,
  type RevocationsOptions,
  type RevocationStats,
  type TokenIdentity,
} from "./revocations.ts";

export class StoredRevocations implements Revocations {
  readonly isCurrent = true;
  readonly #store: RevocationStore;
  readonly #options: RevocationsOptions;
  readonly #index = new RevocationIndex();
  readonly #sequences = new Map<string, number>(); // by key
  readonly #timer: ReturnType<typeof setInterval>;
  #lastSequence = 0;
  #writing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** The store must be empty. */
  constructor(store: RevocationStore, options: RevocationsOptions) {
    this.#store = store;
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.expireMs ?? EXPIRE_MS);
  }

  /** Opens a store that may have revocations. */
  static async open(store: RevocationStore, options: RevocationsOptions): Promise<StoredRevocations> {
    const revocations = new StoredRevocations(store, options);
    for await (const page of store.load()) {
      for (const { sequence, revocation } of page) {
        revocations.#lastSequence = sequence;
        revocations.#keep(revocation, sequence);
      }
    }
    return revocations;
  }

  /** One is written after the other, because each may extend the one before. */
  add<R extends Revocation>(revocation: R): Promise<R> {
    if (this.#isClosed) return Promise.reject(new UnavailableError("the revocations are closed"));
    const added = this.#writing.then(() => this.#add(revocation));
    this.#writing = added.catch(() => {}); // whoever has called handles the error
    return added;
  }

  /** All that it knows. */
  get all(): Iterable<Revocation> {
    return this.#index.all;
  }

  isRevoked(token: TokenIdentity): boolean {
    return this.#index.isRevoked(token);
  }

  stats(): RevocationStats {
    return { kept: this.#index.size, bytes: this.#index.bytes, maxBytes: this.#options.maxBytes };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#writing;
  }

  async #add<R extends Revocation>(revocation: R): Promise<R> {
    const expired = this.#expire();
    const known = this.#index.get(revocation);
    if (known !== undefined && isCovered(revocation, known)) return known;
    const next = known === undefined ? revocation : mergeRevocations(revocation, known);
    if (known === undefined && this.#index.bytes + costOf(revocation) > this.#options.maxBytes) {
      throw new UnavailableError("there is no room for more revocations");
    }
    const sequence = ++this.#lastSequence, former = this.#sequences.get(keyOf(next));
    const removed = former === undefined ? expired : [...expired, former];
    await this.#store.write({ put: [{ sequence, revocation: next }], removed });
    this.#keep(next, sequence);
    this.#options.onRevoked(next);
    return next;
  }

  /** Nobody may revoke anything for long. */
  #tick(): void {
    this.#writing = this.#writing.then(async () => {
      const removed = this.#expire();
      if (removed.length > 0) await this.#store.write({ put: [], removed });
    }).catch(() => {});
  }

  #keep(revocation: Revocation, sequence: number): void {
    this.#index.set(revocation);
    this.#sequences.set(keyOf(revocation), sequence);
  }

  /** Returns the sequence numbers of what needs to be known no longer. If it stays stored, the next start finds it. */
  #expire(): number[] {
    return this.#index.expire(this.#options.now()).map((revocation) => {
      const key = keyOf(revocation), sequence = this.#sequences.get(key) ?? 0;
      this.#sequences.delete(key);
      return sequence;
    });
  }
}
