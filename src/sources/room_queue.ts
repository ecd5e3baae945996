/** A queue in which notifications wait for room, in order. */

const EVERY_MS = 5;
const MAX_POLLS = 6_000; // 30 seconds

export interface RoomQueueDeps {
  hasRoomFor(count: number): boolean;
}

interface Waiting {
  readonly count: number;
  readonly resolve: () => void;
  polls: number;
}

/** Looks every 5 ms while something waits, because nothing tells when the hub has made room. */
export class RoomQueue {
  readonly #deps: RoomQueueDeps;
  readonly #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(deps: RoomQueueDeps) {
    this.#deps = deps;
  }

  /** Resolves when there is room for so many, or after 30 seconds without. Those that came earlier go first. */
  roomFor(count: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#deps.hasRoomFor(count)) return Promise.resolve();
    this.#timer ??= setInterval(() => this.#poll(), EVERY_MS);
    return new Promise((resolve) => this.#waiting.push({ count, resolve, polls: 0 }));
  }

  /** One leaves in each poll: it takes its room only after this turn. */
  #poll(): void {
    for (const one of this.#waiting) one.polls++;
    const [first] = this.#waiting;
    if (first !== undefined && (first.polls >= MAX_POLLS || this.#deps.hasRoomFor(first.count))) {
      this.#waiting.shift();
      first.resolve();
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
