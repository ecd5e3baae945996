/** Shared requests: all who ask for the same in one turn of the event loop share one request. */

import { nextTurn } from "./next_turn.ts";

/**
 * The request is made in the next turn, so nobody receives an answer that is older than the question.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const requests = new SharedRequests<number>();
 * let count = 0;
 * const request = () => Promise.resolve(++count);
 * assertEquals(await Promise.all([requests.ask("a", request), requests.ask("a", request)]), [1, 1]);
 * assertEquals(await requests.ask("a", request), 2);
 * ```
 */
export class SharedRequests<T> {
  readonly #asked = new Map<string, Promise<T>>();

  /** @param request called once for all who ask with this key in this turn; each receives its answer or its error */
  ask(key: string, request: () => Promise<T>): Promise<T> {
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const answer = nextTurn().then(() => {
      this.#asked.delete(key);
      return request();
    });
    this.#asked.set(key, answer);
    return answer;
  }
}
