/** Notifications near the size limit, for Alexander: of these, a peer that doesn't read is soon sent too many. */

import { type Running, soon } from "./running.ts";

const PADDING = "x".repeat(60_000);

/** Posts so many, numbered from `from` on, a few at a time. */
export async function notifyLarge(
  service: { notify(body: unknown): Promise<unknown> },
  count: number,
  from = 0,
): Promise<void> {
  for (let next = from; next < from + count; next += 10) {
    const numbers = Array.from({ length: Math.min(10, from + count - next) }, (_, n) => next + n);
    await service.notify(numbers.map((n) => ({ target: "alexander", data: { n, padding: PADDING } })));
  }
}

/** Resolves when so many of Alexander's connections are there and up to date: what is posted from now on, all of them get. */
export async function areLive(service: { readonly url: string }, count: number): Promise<void> {
  for (let live = NaN; live !== count; await soon()) {
    live = (await behindEach(service)).filter((isBehind) => !isBehind).length;
  }
}

/**
 * Posts as many as it takes to have Alexander's one connection, which isn't read, fall behind, and says how many: what
 * is left for it is no more than an outbox, and a kernel has room for that, whether it is read at once or not.
 */
export async function notifyUntilBehind(service: Running): Promise<number> {
  await areLive(service, 1);
  let count = 0;
  for (; (await behindEach(service)).includes(false); count += 10) await notifyLarge(service, 10, count);
  return count;
}

/** Of each of Alexander's connections, whether it is behind. */
async function behindEach({ url }: { readonly url: string }): Promise<boolean[]> {
  const response = await fetch(`${url}/v1/targets/alexander`);
  const { connections }: { connections: { behind: boolean }[] } = await response.json();
  return connections.map(({ behind }) => behind);
}
