/** Waits for sockets to drain. A server WebSocket has no drain event, so one timer polls all sockets that are waited for. */

import { nextTurn } from "../async/next_turn.ts";

/** A sink that accepts bytes at once and sends them as fast as its peer reads. */
export interface SendBuffer {
  /** Bytes that were accepted and are not sent yet. */
  readonly buffered: number;
}

/** Thrown when a buffer has not become smaller for too long. */
export class StalledError extends Error {
  override readonly name = "StalledError";
}

interface DrainWait {
  readonly buffer: SendBuffer;
  readonly maxBytes: number;
  readonly resolve: () => void;
  readonly reject: (reason: StalledError) => void;
  /** The bytes that were buffered at the last poll. */
  buffered: number;
  /** How long the buffer has made no progress. */
  stalledMs: number;
}

const TURNS_BEFORE_TIMER = 4; // a socket that keeps up drains within a turn or two of the event loop

// It takes at least this many polls to call a buffer stalled. While the process was suspended, it could neither send
// nor poll, so that time must not count in full.
const MIN_POLLS = 10;

export class DrainPoller {
  readonly #everyMs: number;
  readonly #stuckAfterMs: number;
  readonly #now: () => number;
  readonly #waits = new Set<DrainWait>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #polledAt = 0;
  #closed = false;

  /** @param now milliseconds on a monotonic clock */
  constructor(
    { everyMs, stuckAfterMs, now = () => performance.now() }: {
      everyMs: number;
      stuckAfterMs: number;
      now?: () => number;
    },
  ) {
    this.#everyMs = everyMs;
    this.#stuckAfterMs = stuckAfterMs;
    this.#now = now;
  }

  /** Resolves when at most `maxBytes` are buffered. Rejects with {@linkcode StalledError}. */
  async drained(buffer: SendBuffer, maxBytes: number): Promise<void> {
    for (let turn = 0; turn < TURNS_BEFORE_TIMER && buffer.buffered > maxBytes; turn++) await nextTurn();
    if (buffer.buffered > maxBytes) await this.#wait(buffer, maxBytes);
  }

  /** Ends all waits, and later ones: what has not drained now is stalled. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waits) reject(new StalledError("the node has stopped waiting"));
    this.#waits.clear();
    clearInterval(this.#timer);
  }

  #wait(buffer: SendBuffer, maxBytes: number): Promise<void> {
    if (this.#closed) return Promise.reject(new StalledError("the node has stopped waiting"));
    return new Promise((resolve, reject) => {
      const { buffered } = buffer;
      this.#waits.add({ buffer, maxBytes, resolve, reject, buffered, stalledMs: 0 });
      if (this.#timer === undefined) this.#startTimer();
    });
  }

  #startTimer(): void {
    this.#polledAt = this.#now();
    this.#timer = setInterval(() => this.#poll(), this.#everyMs);
  }

  #poll(): void {
    const now = this.#now();
    const passedMs = Math.min(now - this.#polledAt, this.#stuckAfterMs / MIN_POLLS);
    this.#polledAt = now;
    for (const wait of this.#waits) {
      const { buffered } = wait.buffer;
      wait.stalledMs = buffered < wait.buffered ? 0 : wait.stalledMs + passedMs;
      wait.buffered = buffered;
      if (buffered <= wait.maxBytes) wait.resolve();
      else if (wait.stalledMs >= this.#stuckAfterMs) {
        wait.reject(new StalledError(`${buffered} bytes are not being sent`));
      } else continue;
      this.#waits.delete(wait);
    }
    if (this.#waits.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
