/** A ring: the entries that the memory journal keeps of one target, or of everyone, oldest first. */

import type { Link } from "./chain.ts";
import type { Entry } from "./journal.ts";
import type { Position } from "./position.ts";

/** An entry in its ring, and in the chain of all that the journal keeps. */
export interface Kept extends Link {
  readonly entry: Entry;
  readonly ring: Ring;
}

export class Ring {
  /** True: the journal follows the target, and the ring stays even while it is empty. */
  followed = false;
  readonly #kept: Kept[] = [];
  #newestOfTopic: Map<string, Kept> | undefined; // made for the first topic: most targets have none
  #lostThrough: Position;

  /** @param lostThrough whoever has not read up to here may have missed some that the ring never held */
  constructor(readonly target: string | null, lostThrough: Position) {
    this.#lostThrough = lostThrough;
  }

  /** Whoever has read up to here has missed nothing. */
  get lostThrough(): Position {
    return this.#lostThrough;
  }

  get oldest(): Kept | undefined {
    return this.#kept[0];
  }

  get size(): number {
    return this.#kept.length;
  }

  /** Adds the newest entry. */
  push(entry: Entry): Kept {
    const kept: Kept = { entry, ring: this };
    this.#kept.push(kept);
    if (entry.topic !== null) (this.#newestOfTopic ??= new Map()).set(entry.topic, kept);
    return kept;
  }

  /** The entry that a new one of this topic replaces. */
  newestOf(topic: string | null): Kept | undefined {
    return topic === null ? undefined : this.#newestOfTopic?.get(topic);
  }

  /** Takes out an entry of this ring. */
  remove(kept: Kept): void {
    const { position, topic } = kept.entry;
    if (kept === this.#kept[0]) this.#kept.shift();
    else this.#kept.splice(this.#indexAfter(position) - 1, 1);
    if (topic !== null && this.newestOf(topic) === kept) this.#newestOfTopic?.delete(topic);
  }

  /** Notes that what was at the position is lost to whoever has not read it. */
  lose(position: Position): void {
    if (position > this.#lostThrough) this.#lostThrough = position;
  }

  /** The entries after the position, oldest first. */
  *after(position: Position): Generator<Entry, undefined> {
    for (let index = this.#indexAfter(position); index < this.#kept.length; index++) {
      const kept = this.#kept[index];
      if (kept !== undefined) yield kept.entry;
    }
  }

  #indexAfter(position: Position): number {
    let low = 0, high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#kept[middle]?.entry.position ?? "") > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
