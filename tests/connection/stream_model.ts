/**
 * A model of one node without sockets and clocks: the real hub, feed, journal, outboxes, catch-ups and write pumps,
 * with wires that stall, reads that take their time, a feed that is torn, and browsers that come back.
 */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { CLOSE } from "../../src/wire/close_codes.ts";
import type { Connection } from "../../src/hub/connection.ts";
import { NotificationFeed } from "../../src/hub/feed.ts";
import { Pacer } from "../../src/hub/pacer.ts";
import { Hub } from "../../src/hub/hub.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { CatchUp } from "../../src/connection/catch_up.ts";
import { createFrameEncoder } from "../../src/connection/framing.ts";
import { type FrameSink, WritePump } from "../../src/connection/write_pump.ts";

const TARGETS = ["alexander", "burr"];
const TABS = [...TARGETS, "alexander", "burr"]; // two tabs of each

/** What happens, one thing after the other. A tab is named by its index. */
export type Step =
  | { readonly do: "append"; readonly targets: readonly (string | null)[] }
  | { readonly do: "tear"; readonly target: string | null }
  | { readonly do: "stall" | "drain" | "reconnect"; readonly tab: number }
  | { readonly do: "wait"; readonly turns: number };

const target = fc.constantFrom(...TARGETS, null);
const tab = fc.nat({ max: TABS.length - 1 });

/** A run: its steps, how many turns each read of the journal takes, how much fits where. */
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
      { weight: 1, arbitrary: fc.record({ do: fc.constant("tear" as const), target }) },
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

/** A wire to a browser. What is sent while it stalls arrives when it drains, or never if it ends before. */
class TestWire implements FrameSink {
  open = true;
  #stalled = false;
  #onTheWay: string[] = [];
  #drained: (() => void)[] = [];

  constructor(readonly arrive: (frame: string) => void) {}

  get buffered(): number {
    return this.#stalled ? 1_000_000 : 0;
  }

  send(frame: string): void {
    if (!this.open) return;
    if (this.#stalled) this.#onTheWay.push(frame);
    else this.arrive(frame);
  }

  stall(): void {
    this.#stalled = true;
  }

  drain(): void {
    this.#stalled = false;
    for (const frame of this.#onTheWay.splice(0)) this.arrive(frame);
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  end(): void {
    this.open = false;
    this.#onTheWay = [];
    this.drain();
  }

  whenDrained(): Promise<void> {
    return this.#stalled && this.open
      ? new Promise((resolve) => this.#drained.push(resolve))
      : Promise.resolve();
  }
}

/** A browser's tab: what arrived, over all the connections that it made. */
class Tab {
  readonly got: number[] = [];
  readonly oddities: string[] = [];
  first: string | null = null;
  position: string | null = null;
  wire = new TestWire((frame) => this.#arrive(frame));
  connection: Connection | undefined;

  constructor(readonly target: string) {}

  newWire(): TestWire {
    this.wire.end();
    return this.wire = new TestWire((frame) => this.#arrive(frame));
  }

  #arrive(frame: string): void {
    for (const message of JSON.parse(frame)) {
      if (message.type === "notification") this.got.push(message.data);
      else if (message.type !== "welcome" || message.recovered === false) this.oddities.push(frame);
      this.position = message.position;
      this.first ??= message.position;
    }
  }
}

/** Plays a run, and fails if a tab did not get each notification for it once and in order. */
export async function play(
  { steps, readTurns, channelCapacity, outboxBytes }: Run,
  makeOutbox: (after: string | null, options: { maxBytes: number }) => Outbox,
): Promise<void> {
  const feed = new NotificationFeed(channelCapacity);
  const hub = new Hub(feed, {
    capacity: 2,
    pacer: new Pacer({ nextTurn: () => turns(1), now: () => 0, minMs: 0, maxMs: 0 }),
  });
  const memory = new MemoryJournal(feed, { seconds: 3_600, perTarget: 10_000, bytes: 2 ** 30 });
  const journal: Pick<Journal, "read"> = {
    async read(...request) {
      const page = await memory.read(...request); // as it is now,
      await turns(readTurns.next().value ?? 0); // and known only later
      return page;
    },
  };
  const frameOf = createFrameEncoder();
  const hubRunning = hub.run();
  const tabs = TABS.map((target) => new Tab(target));
  const sent: { readonly target: string | null; readonly position: string; readonly n: number }[] = [];

  async function connect(tab: Tab): Promise<void> {
    if (tab.connection !== undefined) await hub.deregistrations.send(tab.connection);
    const wire = tab.newWire();
    const outbox = makeOutbox(tab.position, { maxBytes: outboxBytes });
    const catchUp = new CatchUp(tab.target, { outbox, journal });
    const failed = (error: unknown) => void tab.oddities.push(String(error));
    const drains = { drained: () => wire.whenDrained() };
    const pump = new WritePump(wire, {
      outbox,
      catchUp,
      drains,
      frameOf,
      sent: () => {},
      end: () => {},
      failed,
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
      return { id: `id-${n}`, target, data: String(n), ttl: null, topic: null, urgency: null, digest: null };
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
      case "tear":
        return feed.gap(step.target);
      case "wait":
        return await turns(step.turns);
      case "stall":
        return tabs[step.tab]?.wire.stall();
      case "drain":
        return tabs[step.tab]?.wire.drain();
      case "reconnect":
        for (const tab of tabs.slice(step.tab, step.tab + 1)) await connect(tab);
    }
  }

  for (const target of TARGETS) await memory.follow(target);
  await Promise.all(tabs.map(connect));
  for (const step of steps) await take(step);
  for (const { wire } of tabs) wire.drain();
  await Promise.all(tabs.map(({ connection }) => connection?.pump.finish(CLOSE.restart)));
  while (feed.notifications.size > 0 || tabs.some(({ connection }) => connection?.outbox.live === false)) {
    await turns(1);
    await Promise.all(tabs.map(({ connection }) => connection?.pump.finish(CLOSE.restart)));
  }
  await hub.connectionsOf(null);
  hub.close();
  await hubRunning;
  for (const { target, got, first, oddities } of tabs) {
    const expected = sent.filter((one) => (one.target ?? target) === target && one.position > (first ?? ""));
    assertEquals({ got, oddities }, { got: expected.map(({ n }) => n), oddities: [] });
  }
}

/** Lets so many turns of the event loop pass. */
async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}
