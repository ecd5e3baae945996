/** The native notifications that the browser shows, which are closed when they are read, on whatever device. */

import { browser } from "./browser.ts";
import { MAX_ITEMS } from "./limits.ts";
import type { ShownNotification } from "./tidings.ts";

export class ShownNotifications {
  readonly #shown = new Map<string, ShownNotification>();

  add(native: ShownNotification): void {
    this.#shown.set(native.tag, native);
    native.addEventListener("close", () => this.#shown.delete(native.tag));
    const [oldest = ""] = this.#shown.keys();
    if (this.#shown.size > MAX_ITEMS) this.#shown.delete(oldest);
  }

  /** Closes those at these positions: what this page has shown, and what its service worker has. */
  async close(positions: ReadonlySet<string>): Promise<void> {
    for (const position of positions) {
      this.#shown.get(position)?.close();
      this.#shown.delete(position);
    }
    try {
      const registration = await browser.navigator?.serviceWorker?.getRegistration();
      const shown = await registration?.getNotifications?.() ?? [];
      for (const native of shown) if (positions.has(native.tag)) native.close();
    } catch { // the page's origin has no service workers
    }
  }
}
