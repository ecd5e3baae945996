/** The ids of delivered notifications. Positions cannot replace them: they change with the journal's epoch. */

const MAX_IDS = 4_096;
const REMEMBERED_MS = 3_600_000; // the server's default retention: a later use of an id is another notification

export class SeenIds {
  readonly #seenAt = new Map<string, number>();

  /** Returns true if the id is new for this target. */
  add(target: string | null, id: string): boolean {
    const key = `${id}\n${target}`; // an id contains no control characters
    const now = Date.now();
    if (now - (this.#seenAt.get(key) ?? -Infinity) < REMEMBERED_MS) return false;
    this.#seenAt.delete(key);
    this.#seenAt.set(key, now);
    const [oldest = ""] = this.#seenAt.keys();
    if (this.#seenAt.size > MAX_IDS) this.#seenAt.delete(oldest);
    return true;
  }
}
