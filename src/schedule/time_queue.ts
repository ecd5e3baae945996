/** TimeQueue: a binary heap, which finds the item with the earliest time, and removes any item, in logarithmic time. */

/** An item is in one queue at most, which keeps its place up to date. */
export interface TimedItem {
  /** Must not change while the item is in a queue. */
  at: number;
  /** The item's index in the heap; -1: it is in no queue. */
  place: number;
}

/**
 * Items of the same time leave in any order.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const queue = new TimeQueue();
 * for (const at of [3, 1, 2]) queue.add({ at, place: -1 });
 * assertEquals(queue.first?.at, 1);
 * ```
 */
export class TimeQueue<T extends TimedItem> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The item with the earliest time. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  add(item: T): void {
    this.#heap.push(item);
    this.#rise(item, this.#heap.length - 1);
  }

  /** Does nothing if the item is in no queue. */
  remove(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    this.#rise(last, place);
    this.#sink(last);
  }

  /** Puts the item at the place, or at one above it. */
  #rise(item: T, place: number): void {
    for (let parent = this.#above(place); parent !== undefined && parent.at > item.at;) {
      const freed: number = parent.place;
      this.#put(parent, place);
      place = freed;
      parent = this.#above(place);
    }
    this.#put(item, place);
  }

  #sink(item: T): void {
    let { place } = item;
    for (let child = this.#below(place); child !== undefined && child.at < item.at;) {
      const freed: number = child.place;
      this.#put(child, place);
      place = freed;
      child = this.#below(place);
    }
    this.#put(item, place);
  }

  #above(place: number): T | undefined {
    return place === 0 ? undefined : this.#heap[(place - 1) >> 1];
  }

  /** The earlier one of both children. */
  #below(place: number): T | undefined {
    const left = this.#heap[2 * place + 1], right = this.#heap[2 * place + 2];
    return left === undefined || right === undefined || left.at <= right.at ? left : right;
  }

  #put(item: T, place: number): void {
    this.#heap[place] = item;
    item.place = place;
  }
}
