/** Records the events of a connection as short texts in their order, so that a test can wait for them. */

import type { Tidings } from "../../src/client/client.ts";

export class RecordedEvents {
  /** `open`, `waiting`, `got 1`, `missed expired`, `error final`, … */
  readonly all: string[] = [];
  #onChange = () => {};

  constructor(tidings: Tidings) {
    const add = (text: string) => {
      this.all.push(text);
      this.#onChange();
    };
    tidings.addEventListener("state", ({ detail }) => add(detail.state));
    tidings.addEventListener("notification", ({ detail }) => add(`got ${detail.data}`));
    tidings.addEventListener("missed", ({ detail }) => add(`missed ${detail.why}`));
    tidings.addEventListener("error", ({ detail }) => add(detail.final ? "error final" : "error"));
  }

  /** Resolves when the text has been recorded this many times. */
  async waitFor(text: string, times = 1): Promise<void> {
    while (this.all.filter((one) => one === text).length < times) {
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
  }
}
