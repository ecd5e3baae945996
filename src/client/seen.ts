/** Remembers which notifications have been given, for positions don't tell: they change with the journal's epoch. */

const MAX = 4_096;
const REMEMBERED_MS = 3_600_000; // as the server's standard retention: then an id may come again, and mean another

export class SeenIds {
  readonly #at = new Map<string, number>();

  /** True if it is new. A notification is the same if it has the same id, for the same target. */
  add(target: string | null, id: string): boolean {
    const key = `${id}\n${target}`; // an id has no control characters
    const now = Date.now();
    if (now - (this.#at.get(key) ?? -Infinity) < REMEMBERED_MS) return false;
    this.#at.delete(key);
    this.#at.set(key, now);
    const [oldest = ""] = this.#at.keys();
    if (this.#at.size > MAX) this.#at.delete(oldest);
    return true;
  }
}
