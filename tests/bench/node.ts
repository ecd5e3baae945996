/** A node without a network for benchmarks: the real hub, outboxes and write pumps. */

import { NotificationFeed } from "../../src/hub/feed.ts";
import { Pacer } from "../../src/hub/pacer.ts";
import { Hub } from "../../src/hub/hub.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import type { Draft } from "../../src/journal/journal.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { CatchUp } from "../../src/connection/catch_up.ts";
import { DrainPoller } from "../../src/connection/drain_poller.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { type FrameSink, WritePump } from "../../src/connection/write_pump.ts";

/** A sink that counts frames and bytes. */
export class CountingSink implements FrameSink {
  readonly open = true;
  buffered = 0;
  frames = 0;
  bytes = 0;

  send(frame: string): void {
    this.frames++;
    this.bytes += frame.length;
  }
}

/** A running hub with a journal, and with the tabs that a benchmark connects. */
export class BenchNode {
  readonly feed = new NotificationFeed(16_384);
  readonly journal = new MemoryJournal(this.feed, { seconds: 60, perTarget: 10, bytes: 2 ** 26 });
  readonly hub = new Hub(this.feed, {
    capacity: 1_024,
    pacer: new Pacer({ nextTurn, now: () => 0, minMs: 0, maxMs: 0 }),
  });
  readonly #shared = {
    drains: new DrainPoller({ everyMs: 5, stuckAfterMs: 30_000 }),
    encodeFrame: createFrameEncoder(),
  };

  constructor() {
    void this.hub.run();
  }

  /** Registers a tab that writes to the sink. */
  async connect(target: string, sink: FrameSink): Promise<WritePump> {
    await this.journal.follow(target);
    const outbox = new Outbox(null, { maxBytes: 2 ** 20 });
    const catchUp = new CatchUp(target, { outbox, journal: this.journal });
    const onError = (error: unknown) => console.error(error);
    const pump = new WritePump(sink, {
      ...this.#shared,
      outbox,
      catchUp,
      onSent: () => {},
      end: () => {},
      onError,
    });
    const transport = "websocket" as const;
    const connection = { id: crypto.randomUUID(), target, transport, connectedAt: 0, outbox, pump };
    await this.hub.registrations.send(connection);
    await pump.start(connection);
    return pump;
  }

  /** Resolves when the hub has offered all notifications of the feed to the outboxes. */
  async settled(): Promise<void> {
    while (this.feed.notifications.size > 0) await this.hub.connectionsOf("nobody");
  }
}

/** Returns drafts of notifications for a target. */
export function drafts(target: string, count: number): Draft[] {
  const data = JSON.stringify({ title: "Hello, Alexander Hamilton!", padding: "x".repeat(128) });
  const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  return Array.from(
    { length: count },
    () => ({ id, target, data, ttl: null, topic: null, urgency: null, push: null, digest: null }),
  );
}
