/** The world of a history: simulated time, one process with the code under test, and what was found wrong. */

import { Process } from "../../simulation/runtime/process.ts";
import { replace, simulateGlobals } from "../../simulation/runtime/globals.ts";
import { Random } from "../../simulation/runtime/random.ts";
import { Scheduler } from "../../simulation/runtime/scheduler.ts";
import { Trace } from "../../simulation/runtime/trace.ts";
import { textOf, Violation } from "../violation.ts";

const ABANDONED_MS = 120_000;

export class SimWorld implements AsyncDisposable {
  readonly scheduler: Scheduler;
  readonly #page = new Process("page");
  readonly #restore: (() => void)[] = [];
  #fault: string | null = null;
  #isAbandoned = false;

  /** @param globals what else is replaced while it exists, `fetch` for example */
  constructor(seed: number, globals: (world: SimWorld) => Readonly<Record<string, unknown>>) {
    this.scheduler = new Scheduler(
      new Trace(() => this.scheduler.now),
      () => this.#fault !== null && !this.#isAbandoned,
    );
    const simulated = simulateGlobals(this.scheduler, new Random(seed, "page"));
    const onRejection = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      this.fault(`a rejection was not handled: ${textOf(event.reason)}`);
    };
    const onError = (event: ErrorEvent) => {
      event.preventDefault();
      this.fault(`an exception was not caught: ${textOf(event.error)}`);
    };
    globalThis.addEventListener("unhandledrejection", onRejection);
    globalThis.addEventListener("error", onError);
    this.#restore.push(
      () => globalThis.removeEventListener("error", onError),
      () => globalThis.removeEventListener("unhandledrejection", onRejection),
      () => simulated[Symbol.dispose](),
      replace(globalThis, globals(this)),
    );
  }

  get now(): number {
    return this.scheduler.now;
  }

  /** Timers of the code under test that still run. */
  get timers(): readonly string[] {
    return this.scheduler.pendingOf(this.#page).map(({ label }) => label).filter((one) =>
      one.startsWith("timer")
    );
  }

  /** Has something happen to the code under test after some milliseconds. */
  after(ms: number, run: () => void): void {
    this.scheduler.after(ms, { label: "network", process: this.#page }, () => this.#attempt(run));
  }

  /** Lets something happen now, and all that follows from it. */
  async act(run: () => void): Promise<void> {
    await this.scheduler.act(this.#page, () => this.#attempt(run));
  }

  /** Lets time pass. @throws {Violation} if something was wrong meanwhile */
  async run(ms: number): Promise<void> {
    await this.scheduler.run(ms);
    if (this.#fault !== null) throw new Violation(this.#fault);
  }

  /** Ends what a history has left running when it failed: it would go on in the next one. */
  async abandon(run: () => void): Promise<void> {
    this.#isAbandoned = true;
    await this.act(run);
    await this.scheduler.run(ABANDONED_MS);
  }

  /** The first fault ends the history. */
  fault(sentence: string): void {
    this.#fault ??= `after ${(this.now / 1_000).toFixed(3)} s: ${sentence}`;
  }

  /** Rejections are reported in a turn of the real event loop, so it lets one pass. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.scheduler.act(this.#page, () => {});
    for (const restore of this.#restore.toReversed()) restore();
  }

  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.fault(textOf(error));
    }
  }
}
