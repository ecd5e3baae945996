/** The loop of an isolate that takes what others have written for it, and sleeps while there is nothing. */

import { nextTurn } from "../async/next_turn.ts";
import type { Bell } from "./bell.ts";
import type { Inlets } from "./inlets.ts";

export class IsolateLoop {
  readonly #bell: Bell;
  readonly #inlets: Inlets;
  #isClosed = false;

  constructor(bell: Bell, inlets: Inlets) {
    this.#bell = bell;
    this.#inlets = inlets;
  }

  async run(): Promise<void> {
    while (!this.#isClosed) {
      if (this.#inlets.take()) await nextTurn();
      else await this.#bell.heard(() => this.#isClosed || !this.#inlets.areEmpty);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#bell.ring();
  }
}
