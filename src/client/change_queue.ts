/** The changes that wait to be sent. Of several about one notification, only the last one is kept. */

import { MAX_FRAME_IDS } from "./limits.ts";
import { isUpTo } from "./positions.ts";
import { effectOn, type OwnChange } from "./own_change.ts";

export class ChangeQueue {
  #through: string | null = null; // is sent first, so it must not concern any of the marks
  readonly #marks = new Map<string, boolean>();

  add(change: OwnChange): void {
    if ("positions" in change) {
      for (const position of change.positions) this.#marks.set(position, change.type === "read");
      return;
    }
    if (!isUpTo(change.through, this.#through)) this.#through = change.through;
    for (const position of this.#marks.keys()) {
      if (effectOn(change, position)) this.#marks.delete(position);
    }
  }

  effectOn(position: string): boolean | undefined {
    return this.#marks.get(position) ?? (this.covers(position) || undefined);
  }

  /** True if the queue marks everything as read up to this position, whatever else it marks. */
  covers(position: string): boolean {
    return isUpTo(position, this.#through);
  }

  /** Removes what fits into one message. Returns null if nothing waits. */
  take(): OwnChange | null {
    if (this.#through !== null) {
      const through = this.#through;
      this.#through = null;
      return { type: "read", through };
    }
    const [first] = this.#marks.values();
    if (first === undefined) return null;
    const alike = [...this.#marks].filter(([, isRead]) => isRead === first).slice(0, MAX_FRAME_IDS);
    const positions = new Set(alike.map(([position]) => position));
    for (const position of positions) this.#marks.delete(position);
    return { type: first ? "read" : "unread", positions };
  }
}
