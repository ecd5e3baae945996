/** The loop of an isolate that takes what others have written for it, and sleeps while there is nothing. */

import { nextTurn } from "../async/next_turn.ts";
import type { Bell } from "./bell.ts";

export interface Inlet {
  /** Takes a part of what is there. Returns true if there is more. */
  take(): boolean;
  readonly isEmpty: boolean;
}

export class IsolateLoop {
  readonly #bell: Bell;
  readonly #inlets = new Map<number, Inlet>();
  #isClosed = false;

  constructor(bell: Bell) {
    this.#bell = bell;
  }

  set(isolate: number, inlet: Inlet): void {
    this.#inlets.set(isolate, inlet);
  }

  delete(isolate: number): void {
    this.#inlets.delete(isolate);
  }

  async run(): Promise<void> {
    while (!this.#isClosed) {
      if (this.take()) await nextTurn();
      else await this.#bell.heard(() => this.#hasWork());
    }
  }

  /** Takes what is there now. Returns true if there is more. */
  take(): boolean {
    let hasMore = false;
    for (const inlet of this.#inlets.values()) hasMore = inlet.take() || hasMore;
    return hasMore;
  }

  close(): void {
    this.#isClosed = true;
    this.#bell.ring();
  }

  #hasWork(): boolean {
    if (this.#isClosed) return true;
    for (const inlet of this.#inlets.values()) if (!inlet.isEmpty) return true;
    return false;
  }
}
