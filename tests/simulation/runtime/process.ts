/** A simulated process: it has an event loop and a clock of its own, and can be suspended and killed. */

export interface ProcessOptions {
  /** How far its clock is ahead. */
  readonly skewMs?: number;
  /** Returns how long the next turn of its event loop takes, in milliseconds. */
  readonly turnMs?: () => number;
}

export class Process {
  readonly skewMs: number;
  readonly turnMs: () => number;
  /** What runs in its next turn, in this order. */
  immediates: (() => void)[] = [];
  /** Events before this time happen at this time. */
  suspendedUntil = -Infinity;
  #isAlive = true;

  constructor(readonly name: string, { skewMs = 0, turnMs = () => 0.05 }: ProcessOptions = {}) {
    this.skewMs = skewMs;
    this.turnMs = turnMs;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Nothing of it happens any more. */
  kill(): void {
    this.#isAlive = false;
  }
}
