/** A rotation: queues of several owners, which take turns. */

/**
 * The values of one owner keep their order. An owner that has many values does not delay the others: each of them waits
 * for at most one value of every other owner.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const rotation = new Rotation<string>();
 * for (const value of ["a1", "a2", "a3"]) rotation.add("alexander", value);
 * rotation.add("burr", "b1");
 * assertEquals([rotation.next(), rotation.next(), rotation.next()], ["a1", "b1", "a2"]);
 * ```
 */
export class Rotation<T> {
  readonly #queues = new Map<string, T[]>(); // in the order of the turns; only owners that have values

  add(owner: string, value: T): void {
    const queue = this.#queues.get(owner);
    if (queue === undefined) this.#queues.set(owner, [value]);
    else queue.push(value);
  }

  /** Removes and returns the oldest value of the owner whose turn it is. Returns undefined if there is none. */
  next(): T | undefined {
    for (const [owner, queue] of this.#queues) {
      const value = queue.shift();
      this.#queues.delete(owner);
      if (queue.length > 0) this.#queues.set(owner, queue); // at the end
      return value;
    }
    return undefined;
  }

  /** Removes and returns all values. */
  drain(): T[] {
    const drained = [...this.#queues.values()].flat();
    this.#queues.clear();
    return drained;
  }
}
