/** Tests what a write pump sends directly, what it reports of it, and how it ends a connection. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CatchUp } from "../../src/connection/catch_up.ts";
import { StalledError } from "../../src/connection/drain_poller.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { WritePump } from "../../src/connection/write_pump.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { entry, nth, numbers, settle, setUp, TestSink } from "./test_pump.ts";

Deno.test("WritePump.start sends the welcome first and alone, before messages that were sent earlier", async () => {
  const { sink, pump } = setUp({ pages: [{ next: "here" }] });
  pump.sendMessage({ type: "missed" });
  assertEquals(sink.frames, []);
  await pump.start({ id: "c", target: "alexander" });
  const welcome = {
    type: "welcome",
    connection: "c",
    target: "alexander",
    position: "here",
    recovered: null,
  };
  assertEquals(sink.frames.map((frame) => JSON.parse(frame)), [[welcome], [{ type: "missed" }]]);
});

Deno.test("WritePump.flush sends nothing before the pump is started", async () => {
  const { sink, pump, outbox } = setUp();
  outbox.fallBehind();
  pump.flush();
  await settle();
  assertEquals(sink.frames, []);
});

Deno.test("WritePump.flush sends at once what waits, in one frame", async () => {
  const { sink, pump, outbox } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  for (const n of [1, 2, 3]) outbox.offer(nth(n));
  pump.flush();
  assertEquals(sink.frames.length, 2);
  assertEquals(numbers(sink.messages), [1, 2, 3]);
});

Deno.test("WritePump.flush splits what is too much for one frame, and sends a large notification in a frame of its own", async () => {
  const { sink, pump, outbox } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  for (const [n, bytes] of [30_000, 30_000, 30_000, 100_000, 10].entries()) outbox.offer(nth(n + 1, bytes));
  pump.flush();
  assertEquals(sink.frames.slice(1).map((frame) => JSON.parse(frame).length), [2, 1, 1, 1]);
  assertEquals(numbers(sink.messages), [1, 2, 3, 4, 5]);
});

Deno.test("WritePump fails, and flush does not throw, when its sink throws", async () => {
  const { sink, pump, outbox, ends } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  sink.send = () => {
    throw new Error("broken");
  };
  outbox.offer(nth(1));
  pump.flush();
  assertEquals(ends.map(String), ["Error: broken"]);
});

Deno.test("WritePump.finish sends what waits before it ends the connection", async () => {
  const { sink, pump, outbox, ends } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  sink.buffered = 100_000;
  for (const n of [1, 2]) outbox.offer(nth(n));
  const finished = pump.finish(CLOSE.restart);
  await settle();
  assertEquals(ends, []);
  sink.drainTo(0);
  await finished;
  assertEquals([numbers(sink.messages), ends], [[1, 2], [CLOSE.restart]]);
});

Deno.test("WritePump.sendMessage fails when more than 256 KiB wait for a browser that does not read", async () => {
  const { sink, pump, ends } = setUp({ pages: [{ next: "000000" }] });
  await pump.start({ id: "c", target: "alexander" });
  sink.buffered = 200_000;
  pump.sendMessage({ type: "missed" });
  assertEquals([sink.messages, ends], [[{ type: "missed" }], []]);
  sink.buffered = 300_000;
  pump.sendMessage({ type: "missed" });
  assertEquals([sink.messages.length, ends.map((end) => end instanceof StalledError)], [1, [true]]);
});

Deno.test("WritePump sends each frame with the position that it reaches, and calls onSent with its notifications", async () => {
  const { sink, pump, outbox, sent } = setUp({
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
  pump.sendMessage({ type: "missed" });
  assertEquals(sink.positions, ["000000", "000002", "000003", "000004", undefined]);
  assertEquals(sent, ["id-1", "id-2", "id-3", "id-4"]);
  const messages = sink.messages.map((one) => typeof one === "string" ? Number(one) : one);
  assertEquals(messages, [1, 2, { type: "missed" }, 3, 4, { type: "missed" }]);
});

Deno.test("WritePump.reached is the position of the last notification that was sent, not of the last that was taken", async () => {
  const { sink, pump, outbox } = setUp({ pages: [{ next: "000000" }] });
  assertEquals(pump.reached, null, "before the welcome of a new stream");
  await pump.start({ id: "c", target: "alexander" });
  assertEquals(pump.reached, "000000");
  outbox.offer(nth(1));
  pump.flush();
  assertEquals(pump.reached, nth(1).position);
  sink.buffered = 100_000;
  outbox.offer(nth(2));
  pump.flush();
  await settle();
  assertEquals(
    [outbox.position, pump.reached],
    [nth(2).position, nth(1).position],
    "the second is in the pipeline",
  );
  sink.drainTo(0);
  await settle();
  assertEquals(pump.reached, nth(2).position);
});

Deno.test("WritePump.reached is the position that a browser resumes after until the welcome is sent", async () => {
  const outbox = new Outbox("000007", { maxBytes: 1_000 });
  const read = () => Promise.resolve({ entries: [], next: "000009", more: false, complete: false });
  const catchUp = new CatchUp("alexander", { outbox, journal: { read } });
  const pump = new WritePump(new TestSink(), {
    outbox,
    catchUp,
    drains: { drained: () => Promise.resolve() },
    encodeFrame: createFrameEncoder(),
    onSent() {},
    onError() {},
    end() {},
  });
  assertEquals(pump.reached, "000007");
  await pump.start({ id: "c", target: "alexander" });
  assertEquals(pump.reached, "000009");
});

Deno.test("WritePump.dismiss sends what waits in the outbox and the journal before it ends the connection", async () => {
  const { sink, pump, outbox, ends } = setUp({
    pages: [{ next: "000000" }, { entries: [entry(1), entry(2)], next: "000002" }],
  });
  await pump.start({ id: "c", target: "alexander" });
  outbox.fallBehind();
  await pump.dismiss(CLOSE.disconnected);
  assertEquals([numbers(sink.messages), ends], [[1, 2], [CLOSE.disconnected]]);
});

Deno.test("WritePump.dismiss ends the connection after 50 ms if its sink does not keep up, and after a second otherwise", async () => {
  using time = new FakeTime();
  for (const [buffered, ms] of [[100_000, 50], [0, 1_000]] as const) {
    const { sink, pump, outbox, ends } = setUp();
    await pump.start({ id: "c", target: "alexander" });
    sink.buffered = buffered;
    outbox.fallBehind();
    sink.drained = () => new Promise(() => {});
    const dismissed = pump.dismiss(CLOSE.disconnected);
    await time.tickAsync(ms - 1);
    assertEquals(ends, []);
    await time.tickAsync(1);
    await dismissed;
    assertEquals(ends, [CLOSE.disconnected]);
  }
});
