/** The receivers in a page: the listeners of one connection, and the loops over its notifications. */

import { LoopQueue } from "./loop_queue.ts";
import type { Missed, TidingsError, TidingsEvents, TidingsNotification } from "./tidings.ts";
import { createTidingsError } from "./tidings_error.ts";

export class Listeners {
  readonly #target: EventTarget;
  readonly #capacity: number;
  readonly #loops = new Set<LoopQueue<TidingsNotification>>();
  #hasEnded = false;

  /**
   * @param target receives the events
   * @param capacity the number of notifications that wait for each loop
   */
  constructor(target: EventTarget, capacity: number) {
    this.#target = target;
    this.#capacity = capacity;
  }

  /** @returns a loop over the notifications that arrive from now on */
  loop(): AsyncIterableIterator<TidingsNotification> {
    const loop = new LoopQueue<TidingsNotification>(this.#capacity, () => this.#loops.delete(loop));
    if (this.#hasEnded) loop.end();
    else this.#loops.add(loop);
    return loop;
  }

  deliver(notification: TidingsNotification): void {
    this.dispatch("notification", notification);
    for (const loop of this.#loops) if (!loop.push(notification)) this.missed("unread");
  }

  missed(why: Missed["why"]): void {
    this.dispatch("missed", { why });
  }

  /** Reports an error after which the connection goes on. */
  error(message: string, status?: number): void {
    this.dispatch("error", createTidingsError(message, { final: false, status }));
  }

  /** Ends all loops. An error is final: the loops throw it, and the listeners receive it. */
  end(error?: TidingsError): void {
    this.#hasEnded = true;
    for (const loop of this.#loops) loop.end(error);
    if (error !== undefined) this.dispatch("error", error);
  }

  dispatch<Type extends keyof TidingsEvents>(type: Type, detail: TidingsEvents[Type]["detail"]): void {
    this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
