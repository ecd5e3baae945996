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

/**
 * Posts as many as it takes to have Alexander's one connection, which isn't read, fall behind, and says how many: what
 * is left for it is no more than an outbox, and a kernel has room for that, whether it is read at once or not.
 */
export async function notifyUntilBehind(service: Running): Promise<number> {
  while (await isBehind(service)) await soon(); // it has just come
  let count = 0;
  for (; !await isBehind(service); count += 10) await notifyLarge(service, 10, count);
  return count;
}

async function isBehind({ url }: Running): Promise<boolean> {
  const response = await fetch(`${url}/v1/targets/alexander`);
  const { connections }: { connections: { behind: boolean }[] } = await response.json();
  return connections.every(({ behind }) => behind);
}
