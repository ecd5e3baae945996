/** The trace of a history: a line for everything that happens. Two runs of the same history have the same trace. */

export class Trace {
  readonly #lines: string[] = [];
  readonly #now: () => number;

  /** @param now milliseconds since the simulation began */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(who: string, what: string): void {
    this.#lines.push(`${this.#now().toFixed(3)} ${who}: ${what}`);
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  get length(): number {
    return this.#lines.length;
  }

  /** The last lines. */
  tail(count: number): readonly string[] {
    return this.#lines.slice(-count);
  }
}
