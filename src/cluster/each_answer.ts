/** Each answer of all who are asked, as it comes. */

import { within } from "../async/within.ts";

/** Asks one. Resolves with null if there is nobody who could answer. The signal aborts when no answer is wanted. */
export type Ask<T> = (signal: AbortSignal) => Promise<T | null>;

/** Asks all at once, at the first iteration. Ends when all have answered, and at once when the signal aborts. */
export async function* eachAnswer<T>(asks: readonly Ask<T>[], signal?: AbortSignal): AsyncGenerator<T, void> {
  if (signal?.aborted) return;
  const asking = new AbortController();
  try {
    const answering = new Map(asks.map((ask, index) => [
      index,
      ask(asking.signal).then((answer) => ({ index, answer })),
    ]));
    while (answering.size > 0) {
      const next = Promise.race(answering.values());
      await within(next, { signal });
      if (signal?.aborted) return;
      const { index, answer } = await next;
      answering.delete(index);
      if (answer !== null) yield answer;
    }
  } finally {
    asking.abort();
  }
}
