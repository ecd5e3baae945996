/** Stands in for jsr:@std/testing/time where JSR cannot be reached: FakeTime, as far as the tests use it. */

import FakeTimers from "@sinonjs/fake-timers";

/** Replaces Date and the timers until it is restored. */
export class FakeTime implements Disposable {
  readonly #clock: ReturnType<typeof FakeTimers.install>;

  constructor(start: number | string | Date = Date.now()) {
    this.#clock = FakeTimers.install({
      now: new Date(start),
      toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
    });
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.#clock.now;
  }

  /** Runs the timers that come due in the next milliseconds. */
  tick(ms = 0): void {
    this.#clock.tick(ms);
  }

  /** The same, and lets promises settle before and after each. */
  async tickAsync(ms = 0): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  async runMicrotasks(): Promise<void> {
    await this.#clock.tickAsync(0);
  }

  restore(): void {
    this.#clock.uninstall();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
