/** FailureLog: logs a failure that repeats once with its stack, and then only how often it repeated. */

import { log } from "./log.ts";

export interface FailureLogOptions {
  /** How long repetitions are counted before they are logged together. */
  readonly everyMs: number;
  /** Aborts when the node stops. What was counted by then is logged at once. */
  readonly signal: AbortSignal;
}

const MAX_KINDS = 100; // failures beyond these are counted together

/** A failure that refuses every request, such as a full disk, would otherwise fill the disk of the log as well. */
export class FailureLog {
  readonly #options: FailureLogOptions;
  readonly #repetitions = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FailureLogOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#summarize());
  }

  report(error: unknown): void {
    const kind = this.#kindOf(error);
    const repetitions = this.#repetitions.get(kind);
    if (repetitions === undefined) log.error("unexpected error: {error}", { error });
    if (this.#options.signal.aborted) return;
    this.#repetitions.set(kind, repetitions === undefined ? 0 : repetitions + 1);
    this.#timer ??= setTimeout(() => this.#summarize(), this.#options.everyMs);
  }

  /** A kind that was not repeated is forgotten, so that it is logged with its stack again. */
  #summarize(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [kind, count] of this.#repetitions) {
      if (count === 0) this.#repetitions.delete(kind);
      else {
        log.error("unexpected error, {count} more times: {kind}", { count, kind });
        this.#repetitions.set(kind, 0);
      }
    }
    if (this.#repetitions.size > 0 && !this.#options.signal.aborted) {
      this.#timer = setTimeout(() => this.#summarize(), this.#options.everyMs);
    }
  }

  #kindOf(error: unknown): string {
    const kind = describe(error);
    return this.#repetitions.has(kind) || this.#repetitions.size < MAX_KINDS ? kind : "other errors";
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${describe(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
}
