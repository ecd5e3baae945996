/** Notifications near the size limit; a few of them fill the buffers of a peer that does not read. */

import { eventually } from "../eventually.ts";
import type { TestService } from "./test_service.ts";

const PADDING = "x".repeat(60_000);

/** Posts `count` notifications, ten in a request, numbered from `from` on. */
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
 * Resolves when this number of Alexander's connections is live, so that each gets what is posted from then
 * on.
 */
export async function waitUntilLive(service: { readonly url: string }, count: number): Promise<void> {
  const areLive = async () => (await behindFlags(service)).filter((isBehind) => !isBehind).length === count;
  await eventually(areLive, `${count} live connections`);
}

/**
 * Posts until Alexander's only connection, which is not read, falls behind, and returns the number of
 * notifications. At most an outbox is left to be sent to it then. The kernel's buffers hold that much,
 * whether the peer reads or not.
 */
export async function notifyUntilBehind(service: TestService): Promise<number> {
  await waitUntilLive(service, 1);
  let count = 0;
  for (; (await behindFlags(service)).includes(false); count += 10) await notifyLarge(service, 10, count);
  return count;
}

/** Reads, for each of Alexander's connections, whether it is behind. */
async function behindFlags({ url }: { readonly url: string }): Promise<boolean[]> {
  const response = await fetch(`${url}/v1/targets/alexander`);
  const { connections }: { connections: { behind: boolean }[] } = await response.json();
  return connections.map(({ behind }) => behind);
}

/** Returns the numbers from 0 up to `count`, exclusively. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** Returns the numbers of large notifications. */
export function numbersIn(data: readonly unknown[]): number[] {
  return data.map((one) => (one as { n: number }).n);
}
