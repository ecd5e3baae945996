/** The receivers in a page: the listeners of one connection, and the loops over its notifications. */

import { LoopQueue } from "./loop_queue.ts";
import type { Missed, TidingsError, TidingsEvents, TidingsNotification } from "./tidings.ts";
import { createTidingsError } from "./tidings_error.ts";

/** A connection extends it. What it adds to an `EventTarget` is the SDK's own, except for `notifications`. */
export abstract class Listeners extends EventTarget {
  readonly #capacity: number;
  readonly #loops = new Set<LoopQueue<TidingsNotification>>();
  #hasEnded = false;

  /** @param capacity the number of notifications that wait for each loop */
  constructor(capacity: number) {
    super();
    this.#capacity = capacity;
  }

  /** Called when a loop has taken everything that arrived. */
  protected abstract onProgress(): void;

  /** @returns a loop over the notifications that arrive from now on */
  notifications(): AsyncIterableIterator<TidingsNotification> {
    const loop = new LoopQueue<TidingsNotification>(this.#capacity, () => this.onProgress());
    if (this.#hasEnded) loop.end();
    else this.#loops.add(loop);
    return loop;
  }

  /**
   * The position up to which all loops have taken what arrived. Undefined if one has taken nothing of it. A loop that
   * was left counts until the next notification: it may have been left because the page is reloaded.
   */
  protected takenUntil(until: string | null | undefined): string | null | undefined {
    let max = 0;
    for (const { waiting, taken } of this.#loops) { // they receive the same: the fullest is the furthest behind
      if (waiting.length <= max) continue;
      max = waiting.length;
      until = taken?.position;
    }
    return until;
  }

  protected deliver(notification: TidingsNotification): void {
    this.dispatch("notification", notification);
    for (const loop of this.#loops) {
      if (loop.isLeft) this.#loops.delete(loop);
      else if (!loop.push(notification)) this.onMissed("unread");
    }
  }

  protected onMissed(why: Missed["why"]): void {
    this.dispatch("missed", { why });
  }

  /** Reports an error after which the connection goes on. */
  protected onError(message: string, status?: number): void {
    this.dispatch("error", createTidingsError(message, { final: false, status }));
  }

  /** Ends all loops. An error is final: the loops throw it, and the listeners receive it. */
  protected onEnd(error?: TidingsError): void {
    this.#hasEnded = true;
    for (const loop of this.#loops) loop.end(error);
    if (error) this.dispatch("error", error);
  }

  protected dispatch<Type extends keyof TidingsEvents>(
    type: Type,
    detail: TidingsEvents[Type]["detail"],
  ): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
