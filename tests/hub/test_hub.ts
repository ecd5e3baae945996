/** A hub for tests, and connections that record what it flushes. */

import { nextTurn } from "../../src/async/next_turn.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Hub } from "../../src/hub/hub.ts";
import { type Notification, Outbox } from "../../src/hub/outbox.ts";
import { Pacer } from "../../src/hub/pacer.ts";

export function pacerWithoutRests(nextTurn: () => Promise<void>): Pacer {
  return new Pacer({ nextTurn, now: () => 0, minMs: 0, maxMs: 0 });
}

export function notification(n: number, target: string | null): Notification {
  return { id: `id-${n}`, target, position: String(n).padStart(6, "0"), text: String(n), bytes: 6 };
}

/** A live connection that records what each flush takes. */
export class Tab implements Connection {
  readonly transport = "websocket";
  readonly connectedAt = 0;
  readonly outbox = new Outbox(null, { maxBytes: 1_000_000 });
  readonly flushes: string[][] = [];
  readonly pump = {
    flush: () => void this.flushes.push(this.outbox.take(64 * 1024).map(({ text }) => text)),
    finish: () => Promise.resolve(),
  };

  constructor(readonly id: string, readonly target: string) {
    this.outbox.beginPage();
    this.outbox.endPage({ next: "", more: false });
  }

  get received(): string[] {
    return this.flushes.flat();
  }
}

/** Runs a test with a hub that runs meanwhile. */
export async function withHub(
  { capacity, turn = nextTurn }: { capacity: number; turn?: () => Promise<void> },
  test: (hub: Hub, feed: NotificationFeed) => Promise<void>,
): Promise<void> {
  const feed = new NotificationFeed(capacity);
  const hub = new Hub(feed, { capacity, pacer: pacerWithoutRests(turn) });
  const running = hub.run();
  try {
    await test(hub, feed);
  } finally {
    hub.close();
    await running;
  }
}

export async function register(hub: Hub, ...tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) await hub.registrations.send(tab);
}
