/** A ring: what a journal keeps of one target, or of everyone, oldest first. */

import type { ListNode } from "./linked_list.ts";

/** What has to be known of an entry to keep it for as long as it is to be kept. */
export interface EntryMeta {
  /** Its place in the order of the journal. */
  readonly sequence: number;
  /** Null is everyone. */
  readonly target: string | null;
  readonly topic: string | null;
  /** Milliseconds since 1970; and whether its own `ttl` is the reason. */
  readonly expiresAt: number;
  readonly hasOwnTtl: boolean;
  readonly bytes: number;
}

/** An entry in its ring, and in the chain of all that the journal keeps. */
export interface LogNode<K extends EntryMeta> extends ListNode {
  readonly kept: K;
  readonly ring: TargetLog<K>;
}

export class TargetLog<K extends EntryMeta> {
  readonly #places: LogNode<K>[] = [];
  #newestOfTopic: Map<string, LogNode<K>> | undefined; // made for the first topic: most targets have none
  #completeAfter: number;

  /** @param completeAfter whoever has not read up to here may have missed some that the ring never held */
  constructor(readonly target: string | null, completeAfter: number) {
    this.#completeAfter = completeAfter;
  }

  /** Whoever has read up to here has missed nothing. */
  get completeAfter(): number {
    return this.#completeAfter;
  }

  get oldest(): LogNode<K> | undefined {
    return this.#places[0];
  }

  get size(): number {
    return this.#places.length;
  }

  /** Adds the newest entry. */
  push(kept: K): LogNode<K> {
    const place: LogNode<K> = { kept, ring: this };
    this.#places.push(place);
    if (kept.topic !== null) (this.#newestOfTopic ??= new Map()).set(kept.topic, place);
    return place;
  }

  /** The entry that a new one of this topic replaces. */
  newestOf(topic: string | null): LogNode<K> | undefined {
    return topic === null ? undefined : this.#newestOfTopic?.get(topic);
  }

  /** Takes out an entry of this ring. */
  remove(place: LogNode<K>): void {
    const { sequence, topic } = place.kept;
    if (place === this.#places[0]) this.#places.shift();
    else this.#places.splice(this.#indexAfter(sequence) - 1, 1);
    if (topic !== null && this.newestOf(topic) === place) this.#newestOfTopic?.delete(topic);
  }

  /** Notes that what was there is lost to whoever has not read it. */
  lose(sequence: number): void {
    if (sequence > this.#completeAfter) this.#completeAfter = sequence;
  }

  /** The entries after this place, oldest first. */
  *after(sequence: number): Generator<K, undefined> {
    for (let index = this.#indexAfter(sequence); index < this.#places.length; index++) {
      const place = this.#places[index];
      if (place !== undefined) yield place.kept;
    }
  }

  #indexAfter(sequence: number): number {
    let low = 0, high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle]?.kept.sequence ?? 0) > sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
