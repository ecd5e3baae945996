/** What one client has received, and which of its returns still wait for something. */

import type { Log } from "./log.ts";

interface Return {
  readonly at: number;
  readonly missing: Set<number>;
}

export class Receipts {
  readonly #log: Log;
  readonly #received = new Set<number>();
  #returns: Return[] = [];
  /** What was accepted later than this message has not been looked for at a return. */
  #lookedThrough = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  take(seq: number, now: number): void {
    if (this.#received.has(seq)) {
      this.#log.doubled++;
      return;
    }
    this.#received.add(seq);
    this.#log.deliver(seq, now);
    for (const { at, missing } of this.#returns) {
      if (missing.delete(seq) && missing.size === 0) this.#log.replays.push(now - at);
    }
    this.#returns = this.#returns.filter(({ missing }) => missing.size > 0);
  }

  /** The client comes back. What was accepted since it last did, and has not arrived, is what it has missed. */
  comeBack(at: number): void {
    const { accepted } = this.#log, missing = new Set<number>();
    for (let seq = this.#lookedThrough + 1; seq <= accepted; seq++) {
      if (!this.#received.has(seq)) missing.add(seq);
    }
    this.#lookedThrough = accepted;
    if (missing.size === 0) return;
    this.#log.returns++;
    this.#returns.push({ at, missing });
  }
}
