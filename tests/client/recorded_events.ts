/** What happens to a Tidings, in its order, for tests that wait for it. */

import type { Tidings } from "../../src/client/client.ts";

export class Happenings {
  /** `open`, `waiting`, `got 1`, `missed expired`, `error final`, … */
  readonly all: string[] = [];
  #changed = () => {};

  constructor(tidings: Tidings) {
    const add = (text: string) => {
      this.all.push(text);
      this.#changed();
    };
    tidings.addEventListener("state", ({ detail }) => add(detail.state));
    tidings.addEventListener("notification", ({ detail }) => add(`got ${detail.data}`));
    tidings.addEventListener("missed", ({ detail }) => add(`missed ${detail.why}`));
    tidings.addEventListener("error", ({ detail }) => add(detail.final ? "error final" : "error"));
  }

  /** Resolves when it has happened so many times; at once if it has. */
  async has(text: string, times = 1): Promise<void> {
    while (this.all.filter((one) => one === text).length < times) {
      await new Promise<void>((resolve) => this.#changed = resolve);
    }
  }
}
