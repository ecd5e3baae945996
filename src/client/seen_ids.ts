/** The notifications that were delivered, so that none is delivered twice. Positions change with the journal's epoch. */

import { MAX_SEEN } from "./limits.ts";

/**
 * An id and the time of acceptance name a notification. The server forgets ids after a while, and accepts another
 * notification under the same id then: at another time.
 */
export class SeenIds {
  readonly #seen = new Set<string>();

  /** Returns true if the notification is new. */
  add({ id, at }: { readonly id: string; readonly at: string }): boolean {
    const key = `${at}\n${id}`; // a time contains no line break
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    const [oldest = ""] = this.#seen;
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(oldest);
    return true;
  }
}
