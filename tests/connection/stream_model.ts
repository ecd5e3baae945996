/**
 * A model of one node without sockets and clocks. The hub, feed, journal, outboxes, catch-ups and write pumps are the
 * real ones. Sinks stall, reads of the journal are slow, the feed has gaps, and browsers reconnect.
 */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Pacer } from "../../src/hub/pacer.ts";
import { Hub } from "../../src/hub/hub.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { CatchUp } from "../../src/connection/catch_up.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { WritePump } from "../../src/connection/write_pump.ts";
import { ModelTab } from "./stream_model_tab.ts";

const TARGETS = ["alexander", "burr"];
const TABS = [...TARGETS, "alexander", "burr"]; // two tabs of each

/** A step of a run. `tab` is the index of a tab. */
export type Step =
  | { readonly do: "append"; readonly targets: readonly (string | null)[] }
  | { readonly do: "gap"; readonly target: string | null }
  | { readonly do: "stall" | "drain" | "reconnect"; readonly tab: number }
  | { readonly do: "wait"; readonly turns: number };

const target = fc.constantFrom(...TARGETS, null);
const tab = fc.nat({ max: TABS.length - 1 });

/** A run: its steps, the number of turns that each read of the journal takes, and the capacities. */
export const run = fc.record({
  steps: fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant("append" as const),
          targets: fc.array(target, { maxLength: 5 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("gap" as const), target }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("stall", "drain", "reconnect"), tab }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant("wait" as const), turns: fc.integer({ min: 1, max: 4 }) }),
      },
    ),
    { maxLength: 60 },
  ),
  readTurns: fc.infiniteStream(fc.nat({ max: 3 })),
  channelCapacity: fc.integer({ min: 1, max: 8 }),
  outboxBytes: fc.integer({ min: 100, max: 2_000 }),
});
type Run = ReturnType<typeof run.generate>["value"];

/** Plays a run, and fails if a tab did not receive each of its notifications once and in order. */
export async function play(
  { steps, readTurns, channelCapacity, outboxBytes }: Run,
  createOutbox: (after: string | null, options: { maxBytes: number }) => Outbox,
): Promise<void> {
  const feed = new NotificationFeed(channelCapacity);
  const hub = new Hub(feed, {
    capacity: 2,
    pacer: new Pacer({ nextTurn: () => turns(1), now: () => 0, minMs: 0, maxMs: 0 }),
  });
  const memory = new MemoryJournal(feed, { seconds: 3_600, perTarget: 10_000, bytes: 2 ** 30 });
  const journal: Pick<Journal, "read"> = {
    async read(...request) {
      const page = await memory.read(...request);
      await turns(readTurns.next().value ?? 0); // the page is from now, and arrives later
      return page;
    },
  };
  const encodeFrame = createFrameEncoder();
  const hubRunning = hub.run();
  const tabs = TABS.map((target) => new ModelTab(target));
  const sent: { readonly target: string | null; readonly position: string; readonly n: number }[] = [];

  async function connect(tab: ModelTab): Promise<void> {
    if (tab.connection !== undefined) await hub.deregistrations.send(tab.connection);
    const sink = tab.newSink();
    const outbox = createOutbox(tab.position, { maxBytes: outboxBytes });
    const catchUp = new CatchUp(tab.target, { outbox, journal });
    const onError = (error: unknown) => void tab.failures.push(String(error));
    const drains = { drained: () => sink.whenDrained() };
    const pump = new WritePump(sink, {
      outbox,
      catchUp,
      drains,
      encodeFrame,
      onSent: () => {},
      end: () => {},
      onError,
    });
    tab.connection = {
      id: crypto.randomUUID(),
      target: tab.target,
      transport: "websocket",
      connectedAt: 0,
      outbox,
      pump,
    };
    await hub.registrations.send(tab.connection);
    await pump.start(tab.connection);
  }

  async function append(targets: readonly (string | null)[]): Promise<void> {
    const drafts = targets.map((target, index) => {
      const n = sent.length + index;
      return {
        id: `id-${n}`,
        target,
        data: String(n),
        ttl: null,
        topic: null,
        urgency: null,
        push: null,
        digest: null,
      };
    });
    for (const [index, receipt] of (await memory.append(drafts)).entries()) {
      if (receipt.outcome === "kept") {
        sent.push({ target: targets[index] ?? null, position: receipt.position, n: sent.length });
      }
    }
  }

  async function take(step: Step): Promise<void> {
    switch (step.do) {
      case "append":
        return await append(step.targets);
      case "gap":
        return feed.gap(step.target);
      case "wait":
        return await turns(step.turns);
      case "stall":
        return tabs[step.tab]?.sink.stall();
      case "drain":
        return tabs[step.tab]?.sink.drain();
      case "reconnect":
        for (const tab of tabs.slice(step.tab, step.tab + 1)) await connect(tab);
    }
  }

  for (const target of TARGETS) await memory.follow(target);
  await Promise.all(tabs.map(connect));
  for (const step of steps) await take(step);
  for (const { sink } of tabs) sink.drain();
  await Promise.all(tabs.map(({ connection }) => connection?.pump.finish(CLOSE.restart)));
  while (feed.notifications.size > 0 || tabs.some(({ connection }) => connection?.outbox.live === false)) {
    await turns(1);
    await Promise.all(tabs.map(({ connection }) => connection?.pump.finish(CLOSE.restart)));
  }
  await hub.connectionsOf(null);
  hub.close();
  await hubRunning;
  for (const { target, received, start, failures } of tabs) {
    const expected = sent.filter((one) => (one.target ?? target) === target && one.position > (start ?? ""));
    assertEquals({ received, failures }, { received: expected.map(({ n }) => n), failures: [] });
  }
}

/** Waits for so many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}
