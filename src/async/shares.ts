/** Shares: divides a bounded amount of something among owners, none of which can hold more than its share. */

/**
 * Counts what each owner holds. It does not hold anything itself.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const rooms = new Shares({ capacity: 10, share: 4 });
 * assertEquals(rooms.take("alexander", 4), true);
 * assertEquals(rooms.take("alexander", 1), false); // more than its share
 * assertEquals(rooms.take("burr", 3), true);
 * rooms.release("alexander", 1);
 * assertEquals([rooms.size, rooms.take("alexander", 1)], [6, true]);
 * ```
 */
export class Shares {
  /** The amount that all owners can hold together. */
  readonly capacity: number;
  /** The amount that one owner can hold. */
  readonly share: number;
  readonly #held = new Map<string, number>(); // only owners that hold something
  #size = 0;

  constructor({ capacity, share }: { capacity: number; share: number }) {
    this.capacity = capacity;
    this.share = share;
  }

  /** The amount that all owners hold together. */
  get size(): number {
    return this.#size;
  }

  hasRoomFor(owner: string, amount: number): boolean {
    return this.#size + amount <= this.capacity && (this.#held.get(owner) ?? 0) + amount <= this.share;
  }

  /** Returns false, and takes nothing, if there is no room. */
  take(owner: string, amount: number): boolean {
    const held = (this.#held.get(owner) ?? 0) + amount;
    if (held > this.share || this.#size + amount > this.capacity) return false;
    this.#held.set(owner, held);
    this.#size += amount;
    return true;
  }

  /** Gives back what the owner has taken, or a part of it. */
  release(owner: string, amount: number): void {
    const held = (this.#held.get(owner) ?? 0) - amount;
    if (held > 0) this.#held.set(owner, held);
    else this.#held.delete(owner);
    this.#size -= amount;
  }
}
