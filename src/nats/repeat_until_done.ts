/** Repeats a compare-and-set until it succeeds, for a limited time. */

/** What an attempt resolves with if another node was faster. */
export const CONFLICT = Symbol("conflict");

/** Resolves with the result of the first attempt without a conflict. Rejects if there is none in time. */
export async function repeatUntilDone<T>(
  attempt: () => Promise<T | typeof CONFLICT>,
  { ms }: { ms: number },
): Promise<T> {
  const deadline = performance.now() + ms;
  do {
    const result = await attempt();
    if (result !== CONFLICT) return result;
  } while (performance.now() < deadline);
  throw new Error("other nodes were faster every time");
}
