/** Asks several nodes at once, and yields each answer as it arrives. */

import { within } from "../async/within.ts";

/** Asks one node. Resolves with null if that node does not exist. The signal aborts when no answer is needed. */
export type Ask<T> = (signal: AbortSignal) => Promise<T | null>;

/** Asks all at the first iteration. Ends when all have answered, and at once when the signal aborts. */
export async function* eachAnswer<T>(asks: readonly Ask<T>[], signal?: AbortSignal): AsyncGenerator<T, void> {
  if (signal?.aborted) return;
  const asking = new AbortController();
  try {
    const pending = new Map(asks.map((ask, index) => [
      index,
      ask(asking.signal).then((answer) => ({ index, answer })),
    ]));
    while (pending.size > 0) {
      const next = Promise.race(pending.values());
      await within(next, { signal });
      if (signal?.aborted) return;
      const { index, answer } = await next;
      pending.delete(index);
      if (answer !== null) yield answer;
    }
  } finally {
    asking.abort();
  }
}
