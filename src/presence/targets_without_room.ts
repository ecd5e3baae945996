/** TargetsWithoutRoom: the connected targets of a node for whose records there is no room, and what the log says of them. */

export interface TargetsWithoutRoomDeps {
  readonly log: Record<"warn", (message: string, properties: Record<string, unknown>) => void>;
  readonly metrics: {
    /** Called with the number of events that the application will never be told. */
    presenceLost(events: number): void;
  };
  /** Milliseconds on a monotonic clock. */
  readonly elapsed: () => number;
}

const LOG_EVERY_MS = 60_000;

export class TargetsWithoutRoom implements Iterable<string> {
  readonly #deps: TargetsWithoutRoomDeps;
  readonly #targets = new Set<string>();
  #lost = 0; // since the last line of the log
  #loggedAt = -Infinity;

  constructor(deps: TargetsWithoutRoomDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#targets.size;
  }

  has(target: string): boolean {
    return this.#targets.has(target);
  }

  add(target: string): void {
    this.#targets.add(target);
  }

  /** Returns false if it is none of them. */
  delete(target: string): boolean {
    return this.#targets.delete(target);
  }

  /** Call this with the number of events that nobody will be told. */
  lose(events: number): void {
    if (events <= 0) return;
    this.#lost += events;
    this.#deps.metrics.presenceLost(events);
  }

  /** Call this often. It logs once a minute, and nothing while there is room. */
  tick(): void {
    const { log, elapsed } = this.#deps, now = elapsed();
    if ((this.size === 0 && this.#lost === 0) || now - this.#loggedAt < LOG_EVERY_MS) return;
    log.warn(
      "there is no room for the presence of more targets: {waiting} connected ones wait, and {lost} events are lost",
      { waiting: this.size, lost: this.#lost },
    );
    this.#loggedAt = now;
    this.#lost = 0;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#targets.values();
  }
}
