/** A write pump for tests, with a sink that records its frames. */

import { CatchUp } from "../../src/connection/catch_up.ts";
import { StalledError } from "../../src/connection/drain_poller.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { type FrameSink, WritePump } from "../../src/connection/write_pump.ts";
import { type Notification, Outbox } from "../../src/hub/outbox.ts";
import type { Entry, Page } from "../../src/journal/journal.ts";

/** A sink whose drains a test controls. */
export class TestSink implements FrameSink {
  open = true;
  buffered = 0;
  readonly frames: string[] = [];
  readonly positions: (string | undefined)[] = [];
  #waits: { resolve: () => void; reject: (reason: unknown) => void; maxBytes: number }[] = [];

  send(frame: string, position?: string): void {
    this.frames.push(frame);
    this.positions.push(position);
  }
  drained(_sink: unknown, maxBytes: number): Promise<void> {
    if (this.buffered <= maxBytes) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waits.push({ resolve, reject, maxBytes }));
  }
  drainTo(bytes: number): void {
    this.buffered = bytes;
    const waits = this.#waits.splice(0);
    for (const wait of waits) bytes <= wait.maxBytes ? wait.resolve() : this.#waits.push(wait);
  }
  stall(): void {
    for (const { reject } of this.#waits.splice(0)) reject(new StalledError("nothing is sent"));
  }
  /** The messages of all frames but the first, which is the welcome. */
  get messages(): unknown[] {
    return this.frames.slice(1).flatMap((frame) => JSON.parse(frame));
  }
}

export interface TestPump {
  readonly sink: TestSink;
  readonly outbox: Outbox;
  readonly pump: WritePump;
  /** What ended the connection: the close or the error of each call. */
  readonly ends: unknown[];
  /** The ids that `onSent` was called with. */
  readonly sent: string[];
}

/** A pump on a new sink and outbox. Each read of the journal returns the next of these pages. */
export function setUp(
  { pages = [], maxBytes = 1_000_000 }: { pages?: Partial<Page>[]; maxBytes?: number } = {},
): TestPump {
  const sink = new TestSink();
  const outbox = new Outbox(null, { maxBytes });
  const read = () =>
    Promise.resolve({ entries: [], next: "", more: false, complete: true, ...pages.shift() });
  const catchUp = new CatchUp("alexander", { outbox, journal: { read } });
  const ends: unknown[] = [];
  const sent: string[] = [];
  const pump = new WritePump(sink, {
    outbox,
    catchUp,
    drains: { drained: (buffer, maxBytes) => sink.drained(buffer, maxBytes) },
    encodeFrame: createFrameEncoder(),
    onSent: (notifications) => void sent.push(...notifications.map(({ id }) => id ?? "mark")),
    end: (close) => void ends.push(close),
    onError: (error) => void ends.push(error),
  });
  return { sink, outbox, pump, ends, sent };
}

export function nth(n: number, bytes = 10): Notification {
  const text = `"${String(n).padStart(bytes - 2, "0")}"`;
  return { id: `id-${n}`, target: "alexander", position: String(n).padStart(6, "0"), text, bytes };
}

export function entry(n: number, bytes = 10): Entry {
  return { ...nth(n, bytes), topic: null, expiresAt: 0, hasOwnTtl: false, hasPush: false };
}

export function numbers(messages: readonly unknown[]): number[] {
  return messages.map(Number);
}

/** Waits until a pipeline has moved on as far as it can. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
}
