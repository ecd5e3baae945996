/** The loops of a page over `notifications()`: each receives what comes while it runs, and ends with the connection. */

import { expect, fail } from "../violation.ts";
import { keyOf } from "./wire_messages.ts";

type Notifications = AsyncIterableIterator<{ readonly id: string; readonly at: string }>;

interface Loop {
  readonly received: string[];
  /** The number of notifications that the page had when it began. */
  readonly from: number;
  readonly iterator: Notifications;
  isLeft: boolean;
  hasEnded: boolean;
}

export class PageLoops {
  readonly #loops: Loop[] = [];
  readonly #onFault: (fault: string) => void;

  constructor(onFault: (fault: string) => void) {
    this.#onFault = onFault;
  }

  /** @param from the number of notifications that the page has already */
  begin(iterator: Notifications, from: number): void {
    const loop = { received: [], from, iterator, isLeft: false, hasEnded: false };
    this.#loops.push(loop);
    void this.#follow(loop);
  }

  /** Leaves the first loop that still runs. */
  break(): void {
    const loop = this.#loops.find(({ isLeft }) => !isLeft);
    if (loop === undefined) return;
    loop.isLeft = true;
    void loop.iterator.return?.();
  }

  /** @throws {Violation} unless all have ended, with the notifications that listeners received meanwhile */
  check(delivered: readonly string[]): void {
    for (const { received, from, isLeft, hasEnded } of this.#loops) {
      if (!hasEnded) fail("a loop has not ended after close()");
      const expected = delivered.slice(from, isLeft ? from + received.length : undefined);
      const isSame = received.length === expected.length && received.every((key, at) => key === expected[at]);
      expect(isSame, () => `a loop has received ${received} instead of ${expected}`);
    }
  }

  async #follow(loop: Loop): Promise<void> {
    try {
      for await (const notification of loop.iterator) {
        if (loop.isLeft) this.#onFault("a loop that was left has received something");
        loop.received.push(keyOf(notification));
      }
    } catch (error) {
      if (!Object(error).final) this.#onFault(`a loop has thrown ${error}`);
    }
    loop.hasEnded = true;
  }
}
