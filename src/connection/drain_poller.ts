/** Waits for sockets to drain. A server WebSocket has no drain event: one timer asks all that are waited for. */

import { nextTurn } from "../async/next_turn.ts";

/** Something that takes bytes at once and sends them as it can. */
export interface SendBuffer {
  /** Bytes taken and not yet sent. */
  readonly buffered: number;
}

/** What waiting for a backlog rejects with that has not become smaller for too long. */
export class StalledError extends Error {
  override readonly name = "Stuck";
}

interface DrainWait {
  readonly backlog: SendBuffer;
  readonly mark: number;
  readonly drained: () => void;
  readonly stuck: (reason: StalledError) => void;
  buffered: number;
  /** For how long it has made no progress. */
  stillMs: number;
}

const TURNS_BEFORE_TIMER = 4; // a socket that keeps up drains within a turn or two of the event loop
const MIN_LOOKS = 10; // until something is stuck: a process that was held up could neither send nor look

export class DrainPoller {
  readonly #everyMs: number;
  readonly #stuckAfterMs: number;
  readonly #now: () => number;
  readonly #waits = new Set<DrainWait>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;
  #closed = false;

  /** @param now milliseconds on a clock that never jumps */
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

  /** Resolves when no more than `mark` bytes are buffered; rejects with {@linkcode StalledError}. */
  async drained(backlog: SendBuffer, mark: number): Promise<void> {
    for (let turn = 0; turn < TURNS_BEFORE_TIMER && backlog.buffered > mark; turn++) await nextTurn();
    if (backlog.buffered > mark) await this.#watch(backlog, mark);
  }

  /** Waits no longer: whatever is not drained now is stuck. */
  close(): void {
    this.#closed = true;
    for (const { stuck } of this.#waits) stuck(new StalledError("there is no time left"));
    this.#waits.clear();
    clearInterval(this.#timer);
  }

  #watch(backlog: SendBuffer, mark: number): Promise<void> {
    if (this.#closed) return Promise.reject(new StalledError("there is no time left"));
    return new Promise((drained, stuck) => {
      const { buffered } = backlog;
      this.#waits.add({ backlog, mark, drained, stuck, buffered, stillMs: 0 });
      if (this.#timer === undefined) this.#start();
    });
  }

  #start(): void {
    this.#lookedAt = this.#now();
    this.#timer = setInterval(() => this.#look(), this.#everyMs);
  }

  #look(): void {
    const now = this.#now();
    const passedMs = Math.min(now - this.#lookedAt, this.#stuckAfterMs / MIN_LOOKS);
    this.#lookedAt = now;
    for (const wait of this.#waits) {
      const { buffered } = wait.backlog;
      wait.stillMs = buffered < wait.buffered ? 0 : wait.stillMs + passedMs;
      wait.buffered = buffered;
      if (buffered <= wait.mark) wait.drained();
      else if (wait.stillMs >= this.#stuckAfterMs) {
        wait.stuck(new StalledError(`${buffered} bytes are stuck`));
      } else continue;
      this.#waits.delete(wait);
    }
    if (this.#waits.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
