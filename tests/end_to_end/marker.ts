/** A marker: marks everything that a tab receives as read, and repeats what was not confirmed, as the SDK does. */

import type { ReturningTab } from "./returning_tab.ts";
import type { Message } from "./tab.ts";

const MAX_FRAMES = 40; // for each connection: fewer than the service allows at once

export class Marker {
  /** The positions that the service has confirmed. */
  readonly confirmed = new Set<string>();
  readonly #tab: ReturningTab;
  readonly #unconfirmed = new Set<string>();
  /** What the mark names that waits for its answer. */
  #sent: readonly string[] | null = null;
  #framesLeft = 0;

  constructor(tab: ReturningTab) {
    this.#tab = tab;
    tab.onMessage = (message) => this.#take(message);
  }

  #take({ type, position }: Message): void {
    if (type === "welcome") {
      this.#framesLeft = MAX_FRAMES;
      this.#sent = null;
    } else if (type === "notification") this.#unconfirmed.add(position);
    else if (type === "marked") this.#confirm();
    else if (type === "error") this.#framesLeft = 0; // the service is stopping
    this.#send();
  }

  #confirm(): void {
    for (const position of this.#sent ?? []) {
      this.confirmed.add(position);
      this.#unconfirmed.delete(position);
    }
    this.#sent = null;
  }

  #send(): void {
    if (this.#sent !== null || this.#framesLeft === 0 || this.#unconfirmed.size === 0) return;
    this.#framesLeft--;
    this.#sent = [...this.#unconfirmed];
    this.#tab.send({ type: "read", positions: this.#sent, ref: "read" });
  }
}

/** True if the state says that the notification at this position is read. */
export function isReadBy(mark: ReturningTab["mark"], position: string): boolean {
  if (mark === undefined) return false;
  return mark.through !== null && position <= mark.through
    ? !mark.unread.includes(position)
    : mark.read.includes(position);
}
