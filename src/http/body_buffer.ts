/** A buffer that collects the chunks of a body, and takes its memory from a budget. */

import type { Shares } from "../async/shares.ts";

const FIRST_BYTES = 4 * 1024;

/**
 * Chunks are copied, because a list of them would hold a hundred times as much memory if they are tiny. Disposing of the
 * buffer gives its memory back to the budget.
 */
export class BodyBuffer implements Disposable {
  readonly #budget: Shares;
  readonly #owner: string;
  #storage = new Uint8Array();
  #size = 0;

  constructor(budget: Shares, owner: string) {
    this.#budget = budget;
    this.#owner = owner;
  }

  /** The bytes that were appended. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#storage.subarray(0, this.#size);
  }

  /** Returns false, and appends nothing, if the budget has no room. */
  append(chunk: Uint8Array): boolean {
    if (!this.#reserve(this.#size + chunk.length)) return false;
    this.#storage.set(chunk, this.#size);
    this.#size += chunk.length;
    return true;
  }

  [Symbol.dispose](): void {
    this.#budget.release(this.#owner, this.#storage.length);
  }

  #reserve(bytes: number): boolean {
    const capacity = this.#storage.length;
    if (bytes <= capacity) return true;
    const larger = Math.max(FIRST_BYTES, bytes, 2 * capacity);
    if (!this.#budget.take(this.#owner, larger - capacity)) return false;
    this.#storage = new Uint8Array(this.#storage.buffer.transfer(larger));
    return true;
  }
}
