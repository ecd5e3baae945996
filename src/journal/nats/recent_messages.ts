/** The latest messages that this node knows, by which it notices that the stream has another history now. */

import type { StampedNumber } from "./stamp.ts";

/** Where the messages are looked up. */
export interface StoredHistory {
  /** The lowest sequence number that is stored. */
  readonly first: number;
  /** The stamp of a stored message; undefined if it is not there any more. */
  stampAt(sequence: number): Promise<string | undefined>;
}

const SIZE = 32;

export class RecentMessages {
  readonly #messages: StampedNumber[] = [];
  #count = 0;
  #marker: StampedNumber | undefined;
  #newest = 0;
  #isFrozen = false;

  /** The highest sequence number that this node knows. */
  get newest(): number {
    return this.#newest;
  }

  add(message: StampedNumber): void {
    if (this.#isFrozen) return;
    this.#messages[this.#count++ % SIZE] = message;
    this.#newest = Math.max(this.#newest, message.sequence);
  }

  /** Adds a marker, which is remembered until the next one: no later message replaces a marker in the stream. */
  addMarker(marker: StampedNumber): void {
    if (this.#isFrozen) return;
    this.#marker = marker;
    this.#newest = Math.max(this.#newest, marker.sequence);
  }

  /** Adds nothing more until `unfreeze`: what is known has to be compared first, and not with itself. */
  freeze(): void {
    this.#isFrozen = true;
  }

  unfreeze(): void {
    this.#isFrozen = false;
  }

  /** Call this when the stream has another history. It also unfreezes. */
  forget(): void {
    this.#isFrozen = false;
    this.#messages.length = this.#count = this.#newest = 0;
    this.#marker = undefined;
  }

  /**
   * Resolves to false if the stream has another message under a number that is known here. The newest message that is
   * still stored decides. If none is stored because all have expired, nothing speaks against the stream; if some were
   * replaced by newer ones, nothing speaks for it.
   */
  async areIn({ first, stampAt }: StoredHistory): Promise<boolean> {
    const known = this.#newestFirst().filter(({ sequence }) => sequence >= first);
    for (const { sequence, stamp } of known) {
      const stored = await stampAt(sequence);
      if (stored !== undefined) return stored === stamp;
    }
    return known.length === 0;
  }

  #newestFirst(): StampedNumber[] {
    const marker = this.#marker === undefined ? [] : [this.#marker];
    return [...this.#messages, ...marker].sort((a, b) => b.sequence - a.sequence);
  }
}
