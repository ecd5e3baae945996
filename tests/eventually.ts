/** Waits for a condition that becomes true by itself, and fails with a message if it never does. */

const EVERY_MS = 2;
const DEADLINE_MS = 60_000; // only a failing test waits that long

/** Resolves as soon as the condition holds. Rejects after a minute, naming `what` was expected. */
export async function eventually(
  isTrue: () => boolean | Promise<boolean>,
  what = "the condition",
): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!await isTrue()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
