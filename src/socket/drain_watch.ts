/** Waits for sockets to drain. A server WebSocket has no drain event: one timer asks all that are waited for. */

/** Something that takes bytes at once and sends them as it can. */
export interface Backlog {
  /** Bytes taken and not yet sent. */
  readonly buffered: number;
}

/** What waiting for a backlog rejects with that has not become smaller for too long. */
export class Stuck extends Error {
  override readonly name = "Stuck";
}

interface Wait {
  readonly backlog: Backlog;
  readonly mark: number;
  readonly drained: () => void;
  readonly stuck: (reason: Stuck) => void;
  buffered: number;
  progressAt: number;
}

export class DrainWatch {
  readonly #everyMs: number;
  readonly #stuckAfterMs: number;
  readonly #now: () => number;
  readonly #waits = new Set<Wait>();
  #timer: ReturnType<typeof setInterval> | undefined;

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

  /** Resolves when no more than `mark` bytes are buffered; rejects with {@linkcode Stuck}. */
  drained(backlog: Backlog, mark: number): Promise<void> {
    const { buffered } = backlog;
    if (buffered <= mark) return Promise.resolve();
    return new Promise((drained, stuck) => {
      this.#waits.add({ backlog, mark, drained, stuck, buffered, progressAt: this.#now() });
      this.#timer ??= setInterval(() => this.#look(), this.#everyMs);
    });
  }

  #look(): void {
    const now = this.#now();
    for (const wait of this.#waits) {
      const { buffered } = wait.backlog;
      if (buffered < wait.buffered) wait.progressAt = now;
      wait.buffered = buffered;
      if (buffered <= wait.mark) wait.drained();
      else if (now - wait.progressAt >= this.#stuckAfterMs) {
        wait.stuck(new Stuck(`${buffered} bytes are stuck`));
      } else continue;
      this.#waits.delete(wait);
    }
    if (this.#waits.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
