/** Holds the end of a connection to what its code means: a token is over, or a node has stopped and has sent everything. */

import type { Tab } from "../clients/tab.ts";
import type { TabConnection } from "../clients/tab_connection.ts";
import { CLOSE } from "../../../src/wire/close_codes.ts";
import type { Links } from "../network/links.ts";
import type { World } from "../runtime/world.ts";

const GOING_AWAY = 1001; // what Deno's server sends when it is shut down
const RECENTLY_MS = 1_000; // what was lost before the stream began does not matter
const DRAIN_MS = 8_000; // a node cuts what is left after 9 seconds

export function checkClose(
  world: World,
  { tab, connection, code, links }: {
    readonly tab: Tab;
    readonly connection: TabConnection;
    readonly code: number | null;
    readonly links: Links;
  },
): void {
  const { attachment, request: { node } } = connection;
  if (attachment === undefined) return;
  if (code === CLOSE.tokenExpired.code) {
    const { expiresAt } = attachment, now = world.scheduler.clock(node.process);
    if (expiresAt === null || now < expiresAt) {
      world.verdict.broken("tokens", `${tab.name} was closed ${(expiresAt ?? 0) - now} ms too early`);
    }
  }
  const { stoppingSince, process } = node;
  const hadTime = stoppingSince !== null && world.now - stoppingSince < DRAIN_MS;
  if (code === GOING_AWAY && hadTime && connection.isWelcomed && tab.readsSince <= stoppingSince) {
    world.verdict.broken("stop", `${tab.name} was cut by ${process.name}, which had time to close it`);
  }
  if (code !== CLOSE.restart.code || stoppingSince === null || !connection.isWelcomed) return;
  const until = stoppingSince - 4 * world.setting.linkMs - 10; // what was accepted by then has reached the node
  const wasIsolated = links.isIsolated(process) ||
    links.isDisturbedSince(tab.welcomedAt - RECENTLY_MS, process);
  if (tab.welcomedAt > until || wasIsolated || process.suspendedUntil > until) return;
  const missing = tab.stream?.missingSince(until);
  if (missing === undefined) return;
  world.verdict.broken("stop", `${tab.name} was closed by ${process.name} before it was sent ${missing}`);
}
