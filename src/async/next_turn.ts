/** The next turn of the event loop. */

/** Resolves in it: after 4 µs with setImmediate, and 2 ms with setTimeout. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
