/** The audience of a tab: the listeners and the loops of its page. */

import { tidingsError } from "./error.ts";
import type { Missed, TidingsError, TidingsEvents, TidingsNotification } from "./tidings.ts";
import { Unread } from "./unread.ts";

export class Listeners {
  readonly #page: EventTarget;
  readonly #unread: number;
  readonly #loops = new Set<Unread<TidingsNotification>>();
  #isOver = false;

  /** @param page whose listeners are told; `unread` is how many notifications a loop may be behind */
  constructor(page: EventTarget, unread: number) {
    this.#page = page;
    this.#unread = unread;
  }

  loop(): AsyncIterableIterator<TidingsNotification> {
    const loop = new Unread<TidingsNotification>(this.#unread, () => this.#loops.delete(loop));
    if (this.#isOver) loop.end();
    else this.#loops.add(loop);
    return loop;
  }

  give(notification: TidingsNotification): void {
    this.tell("notification", notification);
    for (const loop of this.#loops) if (!loop.add(notification)) this.miss("unread");
  }

  miss(why: Missed["why"]): void {
    this.tell("missed", { why });
  }

  /** Something went wrong, and it goes on. */
  warn(message: string, status?: number): void {
    this.tell("error", tidingsError(message, { final: false, status }));
  }

  /** Nothing comes any more; with an error, because of that. */
  end(error?: TidingsError): void {
    this.#isOver = true;
    for (const loop of this.#loops) loop.end(error);
    if (error !== undefined) this.tell("error", error);
  }

  tell<Type extends keyof TidingsEvents>(type: Type, detail: TidingsEvents[Type]["detail"]): void {
    this.#page.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
