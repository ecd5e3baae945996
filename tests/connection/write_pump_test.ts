/** WritePump: straight while the wire keeps up, through a pipeline while it does not, and never a frame too large. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CLOSE, type Close } from "../../src/wire/close_codes.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import type { Page } from "../../src/journal/journal.ts";
import { CatchUp } from "../../src/connection/catch_up.ts";
import { StalledError } from "../../src/connection/drain_poller.ts";
import { createFrameEncoder } from "../../src/connection/framing.ts";
import { WritePump } from "../../src/connection/write_pump.ts";

const FRAME_BYTES = 64 * 1024;

/** A wire, and what waits for it to drain. */
class TestWire {
  open = true;
  buffered = 0;
  readonly frames: string[] = [];
  readonly positions: (string | undefined)[] = [];
  #waits: { resolve: () => void; reject: (reason: unknown) => void; mark: number }[] = [];

  send(frame: string, position?: string): void {
    this.frames.push(frame);
    this.positions.push(position);
  }
  drained(_wire: unknown, mark: number): Promise<void> {
    if (this.buffered <= mark) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waits.push({ resolve, reject, mark }));
  }
  drainTo(bytes: number): void {
    this.buffered = bytes;
    const waits = this.#waits.splice(0);
    for (const wait of waits) bytes <= wait.mark ? wait.resolve() : this.#waits.push(wait);
  }
  stick(): void {
    for (const { reject } of this.#waits.splice(0)) reject(new StalledError("nothing is sent"));
  }
  /** The messages of all frames, without the welcome. */
  get messages(): unknown[] {
    return this.frames.slice(1).flatMap((frame) => JSON.parse(frame));
  }
}

/** A pump on an outbox whose journal has these pages. */
function bench({ pages = [], maxBytes = 1_000_000 }: { pages?: Partial<Page>[]; maxBytes?: number } = {}) {
  const wire = new TestWire();
  const outbox = new Outbox(null, { maxBytes });
  const read = () =>
    Promise.resolve({ entries: [], next: "", more: false, complete: true, ...pages.shift() });
  const catchUp = new CatchUp("alexander", { outbox, journal: { read } });
  const ends: (Close | unknown)[] = [];
  const sent: string[] = [];
  const pump = new WritePump(wire, {
    outbox,
    catchUp,
    drains: { drained: (backlog, mark) => wire.drained(backlog, mark) },
    frameOf: createFrameEncoder(),
    sent: (notifications) => void sent.push(...notifications.map(({ id }) => id)),
    end: (close) => void ends.push(close),
    failed: (error) => void ends.push(error),
  });
  return { wire, outbox, pump, ends, sent };
}

function nth(n: number, bytes = 10) {
  const text = `"${String(n).padStart(bytes - 2, "0")}"`;
  return { id: `id-${n}`, target: "alexander", position: String(n).padStart(6, "0"), text, bytes };
}

function entry(n: number, bytes = 10) {
  return { ...nth(n, bytes), topic: null, expiresAt: 0, hasOwnTtl: false };
}

function numbers(messages: readonly unknown[]): number[] {
  return messages.map(Number);
}

async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("WritePump sends the welcome first, alone, before answers that were given earlier", async () => {
  const { wire, pump } = bench({ pages: [{ next: "here" }] });
  pump.tell({ type: "missed" });
  assertEquals(wire.frames, []);
  await pump.start({ id: "c", target: "alexander" });
  const welcome = {
    type: "welcome",
    connection: "c",
    target: "alexander",
    position: "here",
    recovered: null,
  };
  assertEquals(wire.frames.map((frame) => JSON.parse(frame)), [[welcome], [{ type: "missed" }]]);
});

Deno.test("WritePump writes nothing before it is started, also if it is told to flush", async () => {
  const { wire, pump, outbox } = bench();
  outbox.fallBehind();
  pump.flush();
  await settle();
  assertEquals(wire.frames, []);
});

Deno.test("WritePump.flush sends what waits at once, in one frame", async () => {
  const { wire, pump, outbox } = bench();
  await pump.start({ id: "c", target: "alexander" });
  for (const n of [1, 2, 3]) outbox.offer(nth(n));
  pump.flush();
  assertEquals(wire.frames.length, 2);
  assertEquals(numbers(wire.messages), [1, 2, 3]);
});

Deno.test("WritePump.flush divides what is too much for one frame, and lets one large notification have its own", async () => {
  const { wire, pump, outbox } = bench();
  await pump.start({ id: "c", target: "alexander" });
  for (const [n, bytes] of [30_000, 30_000, 30_000, 100_000, 10].entries()) outbox.offer(nth(n + 1, bytes));
  pump.flush();
  assertEquals(wire.frames.slice(1).map((frame) => JSON.parse(frame).length), [2, 1, 1, 1]);
  assertEquals(numbers(wire.messages), [1, 2, 3, 4, 5]);
});

Deno.test("WritePump leaves what waits in the outbox while the wire is over its mark, and then coalesces it", async () => {
  const { wire, pump, outbox } = bench();
  await pump.start({ id: "c", target: "alexander" });
  wire.buffered = 64 * 1024 + 1;
  for (let n = 1; n <= 100; n++) {
    outbox.offer(nth(n));
    pump.flush();
    if (n === 50) await settle();
  }
  await settle();
  assertEquals(wire.frames.length, 1, "nothing but the welcome");
  wire.drainTo(64 * 1024);
  await settle();
  assertEquals(numbers(wire.messages), Array.from({ length: 100 }, (_, index) => index + 1));
  assertLessOrEqual(wire.frames.length, 1 + 3, "what waited was put together");
});

Deno.test("WritePump sends straight again when everything has gone through its pipeline", async () => {
  const { wire, pump, outbox } = bench();
  await pump.start({ id: "c", target: "alexander" });
  wire.buffered = 100_000;
  outbox.offer(nth(1));
  pump.flush();
  wire.drainTo(0);
  await settle();
  assertEquals(numbers(wire.messages), [1]);
  outbox.offer(nth(2));
  pump.flush();
  assertEquals(numbers(wire.messages), [1, 2], "without waiting for anything");
});

Deno.test("WritePump holds no more than a frame and a batch of a wire that does not drain", async () => {
  const { wire, pump, outbox } = bench({ maxBytes: 10_000_000 });
  await pump.start({ id: "c", target: "alexander" });
  wire.buffered = 100_000;
  for (let n = 1; n <= 1_000; n++) outbox.offer(nth(n, 1_000));
  pump.flush();
  await settle();
  assert(outbox.size >= 1_000 - 2 * FRAME_BYTES / 1_000, `${outbox.size} of 1,000 wait in the outbox`);
  wire.drainTo(0);
  await settle();
  assertEquals(numbers(wire.messages).length, 1_000);
  for (const frame of wire.frames) assertLessOrEqual(frame.length, FRAME_BYTES);
});

Deno.test("WritePump reads pages while its outbox is behind, then goes on live", async () => {
  const { wire, pump, outbox } = bench({
    pages: [
      { next: "000000", more: true },
      { entries: [entry(1), entry(2)], next: "000002", more: true },
      { entries: [entry(3)], next: "000003" },
    ],
  });
  await pump.start({ id: "c", target: "alexander" });
  await settle();
  assert(outbox.live);
  outbox.offer(nth(4));
  pump.flush();
  assertEquals(numbers(wire.messages), [1, 2, 3, 4]);
});

Deno.test("WritePump reads no further page before the wire has drained", async () => {
  const pages: Partial<Page>[] = [{ next: "", more: true }];
  for (let n = 1; n <= 20; n++) {
    pages.push({ entries: [entry(n, 60_000)], next: nth(n).position, more: n < 20 });
  }
  const { wire, pump } = bench({ pages });
  wire.buffered = 100_000;
  await pump.start({ id: "c", target: "alexander" });
  await settle();
  assert(pages.length >= 17, `${20 - pages.length} pages were read`);
  wire.drainTo(0);
  await settle();
  assertEquals(numbers(wire.messages).length, 20);
});

Deno.test("WritePump fails when its wire is stuck, and then writes no more", async () => {
  const { wire, pump, outbox, ends } = bench();
  await pump.start({ id: "c", target: "alexander" });
  wire.buffered = 100_000;
  outbox.offer(nth(1));
  pump.flush();
  await settle();
  wire.stick();
  await settle();
  assert(ends[0] instanceof StalledError);
  assertEquals([ends.length, wire.frames.length], [1, 1]);
});

Deno.test("WritePump fails, and does not throw, when its wire throws", async () => {
  const { wire, pump, outbox, ends } = bench();
  await pump.start({ id: "c", target: "alexander" });
  wire.send = () => {
    throw new Error("broken");
  };
  outbox.offer(nth(1));
  pump.flush();
  assertEquals(ends.map(String), ["Error: broken"]);
});

Deno.test("WritePump fails when the journal cannot be read while it is behind", async () => {
  const { pump, outbox, ends } = bench();
  await pump.start({ id: "c", target: "alexander" });
  outbox.fallBehind();
  outbox.beginPage = () => {
    throw new Error("no journal");
  };
  pump.flush();
  await settle();
  assertEquals(ends.map(String), ["Error: no journal"]);
});

Deno.test("WritePump ends its pipeline when the wire is closed", async () => {
  const { wire, pump, outbox, ends } = bench();
  await pump.start({ id: "c", target: "alexander" });
  wire.buffered = 100_000;
  for (let n = 1; n <= 300; n++) outbox.offer(nth(n, 1_000));
  pump.flush();
  await settle();
  wire.open = false;
  wire.drainTo(0);
  await settle();
  assertLessOrEqual(wire.frames.length, 3);
  assertEquals(ends, []);
});

Deno.test("WritePump.finish sends what waits before it ends", async () => {
  const { wire, pump, outbox, ends } = bench();
  await pump.start({ id: "c", target: "alexander" });
  wire.buffered = 100_000;
  for (const n of [1, 2]) outbox.offer(nth(n));
  const finished = pump.finish(CLOSE.restart);
  await settle();
  assertEquals(ends, []);
  wire.drainTo(0);
  await finished;
  assertEquals([numbers(wire.messages), ends], [[1, 2], [CLOSE.restart]]);
});

Deno.test("WritePump ends a connection that is told more and more, and takes none of it", async () => {
  const { wire, pump, ends } = bench({ pages: [{ next: "000000" }] });
  await pump.start({ id: "c", target: "alexander" });
  wire.buffered = 200_000;
  pump.tell({ type: "missed" });
  assertEquals([wire.messages, ends], [[{ type: "missed" }], []]);
  wire.buffered = 300_000;
  pump.tell({ type: "missed" });
  assertEquals([wire.messages.length, ends.map((end) => end instanceof StalledError)], [1, [true]]);
});

Deno.test("WritePump says with each frame how far the browser has the stream, and what it was sent", async () => {
  const { wire, pump, outbox, sent } = bench({
    pages: [
      { next: "000000", more: true },
      { entries: [entry(1), entry(2)], next: "000002", more: true },
      { entries: [entry(3)], next: "000003", complete: false },
    ],
  });
  await pump.start({ id: "c", target: "alexander" });
  await settle();
  outbox.offer(nth(4));
  pump.flush();
  pump.tell({ type: "missed" });
  assertEquals(wire.positions, ["000000", "000002", "000003", "000004", undefined]);
  assertEquals(sent, ["id-1", "id-2", "id-3", "id-4"]);
  const said = wire.messages.map((one) => typeof one === "string" ? Number(one) : one);
  assertEquals(said, [1, 2, { type: "missed" }, 3, 4, { type: "missed" }]);
});

Deno.test("WritePump says how far the browser was handed its stream, whatever has left the outbox", async () => {
  const { wire, pump, outbox } = bench({ pages: [{ next: "000000" }] });
  assertEquals(pump.reached, null, "a new one, not welcomed yet");
  await pump.start({ id: "c", target: "alexander" });
  assertEquals(pump.reached, "000000");
  outbox.offer(nth(1));
  pump.flush();
  assertEquals(pump.reached, nth(1).position);
  wire.buffered = 100_000;
  outbox.offer(nth(2));
  pump.flush();
  await settle();
  assertEquals([outbox.position, pump.reached], [nth(2).position, nth(1).position], "in the pipeline");
  wire.drainTo(0);
  await settle();
  assertEquals(pump.reached, nth(2).position);
});

Deno.test("WritePump says of a browser that resumes where it was, until it is welcomed", async () => {
  const outbox = new Outbox("000007", { maxBytes: 1_000 });
  const read = () => Promise.resolve({ entries: [], next: "000009", more: false, complete: false });
  const catchUp = new CatchUp("alexander", { outbox, journal: { read } });
  const nothing = () => {};
  const drains = { drained: () => Promise.resolve() };
  const parts = {
    outbox,
    catchUp,
    drains,
    frameOf: createFrameEncoder(),
    sent: nothing,
    end: nothing,
    failed: nothing,
  };
  const pump = new WritePump(new TestWire(), parts);
  assertEquals(pump.reached, "000007");
  await pump.start({ id: "c", target: "alexander" });
  assertEquals(pump.reached, "000009");
});

Deno.test("WritePump.dismiss sends what waits, here and in the journal, before it ends", async () => {
  const { wire, pump, outbox, ends } = bench({
    pages: [{ next: "000000" }, { entries: [entry(1), entry(2)], next: "000002" }],
  });
  await pump.start({ id: "c", target: "alexander" });
  outbox.fallBehind();
  await pump.dismiss(CLOSE.disconnected);
  assertEquals([numbers(wire.messages), ends], [[1, 2], [CLOSE.disconnected]]);
});

Deno.test("WritePump.dismiss ends a wire that does not keep up nearly at once, and one that stops to in a second", async () => {
  using time = new FakeTime();
  for (const [buffered, ms] of [[100_000, 50], [0, 1_000]] as const) {
    const { wire, pump, outbox, ends } = bench();
    await pump.start({ id: "c", target: "alexander" });
    wire.buffered = buffered;
    outbox.fallBehind();
    wire.drained = () => new Promise(() => {});
    const dismissed = pump.dismiss(CLOSE.disconnected);
    await time.tickAsync(ms - 1);
    assertEquals(ends, []);
    await time.tickAsync(1);
    await dismissed;
    assertEquals(ends, [CLOSE.disconnected]);
  }
});
