/** Tests when a write pump uses its pipeline, and that notifications wait in the outbox or the journal meanwhile. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { StalledError } from "../../src/connection/drain_poller.ts";
import type { Page } from "../../src/journal/journal.ts";
import { entry, nth, numbers, settle, setUp } from "./test_pump.ts";

const FRAME_BYTES = 64 * 1024;

Deno.test("WritePump leaves notifications in the outbox while its sink does not keep up, and then coalesces them", async () => {
  const { sink, pump, outbox } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  sink.buffered = 64 * 1024 + 1;
  for (let n = 1; n <= 100; n++) {
    outbox.offer(nth(n));
    pump.flush();
    if (n === 50) await settle();
  }
  await settle();
  assertEquals(sink.frames.length, 1, "only the welcome");
  sink.drainTo(64 * 1024);
  await settle();
  assertEquals(numbers(sink.messages), Array.from({ length: 100 }, (_, index) => index + 1));
  assertLessOrEqual(sink.frames.length, 1 + 3, "what waited was coalesced");
});

Deno.test("WritePump sends directly again when everything has gone through its pipeline", async () => {
  const { sink, pump, outbox } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  sink.buffered = 100_000;
  outbox.offer(nth(1));
  pump.flush();
  sink.drainTo(0);
  await settle();
  assertEquals(numbers(sink.messages), [1]);
  outbox.offer(nth(2));
  pump.flush();
  assertEquals(numbers(sink.messages), [1, 2], "without waiting");
});

Deno.test("WritePump takes at most two frames from the outbox while its sink does not drain", async () => {
  const { sink, pump, outbox } = setUp({ maxBytes: 10_000_000 });
  await pump.start({ id: "c", target: "alexander" });
  sink.buffered = 100_000;
  for (let n = 1; n <= 1_000; n++) outbox.offer(nth(n, 1_000));
  pump.flush();
  await settle();
  assert(outbox.size >= 1_000 - 2 * FRAME_BYTES / 1_000, `${outbox.size} of 1,000 wait in the outbox`);
  sink.drainTo(0);
  await settle();
  assertEquals(numbers(sink.messages).length, 1_000);
  for (const frame of sink.frames) assertLessOrEqual(frame.length, FRAME_BYTES);
});

Deno.test("WritePump reads pages while its outbox is behind, and then continues live", async () => {
  const { sink, pump, outbox } = setUp({
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
  assertEquals(numbers(sink.messages), [1, 2, 3, 4]);
});

Deno.test("WritePump reads no further page before its sink has drained", async () => {
  const pages: Partial<Page>[] = [{ next: "", more: true }];
  for (let n = 1; n <= 20; n++) {
    pages.push({ entries: [entry(n, 60_000)], next: nth(n).position, more: n < 20 });
  }
  const { sink, pump } = setUp({ pages });
  sink.buffered = 100_000;
  await pump.start({ id: "c", target: "alexander" });
  await settle();
  assert(pages.length >= 17, `${20 - pages.length} pages were read`);
  sink.drainTo(0);
  await settle();
  assertEquals(numbers(sink.messages).length, 20);
});

Deno.test("WritePump fails when its sink stalls, and then sends nothing more", async () => {
  const { sink, pump, outbox, ends } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  sink.buffered = 100_000;
  outbox.offer(nth(1));
  pump.flush();
  await settle();
  sink.stall();
  await settle();
  assert(ends[0] instanceof StalledError);
  assertEquals([ends.length, sink.frames.length], [1, 1]);
});

Deno.test("WritePump fails when the journal cannot be read while it is behind", async () => {
  const { pump, outbox, ends } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  outbox.fallBehind();
  outbox.beginPage = () => {
    throw new Error("no journal");
  };
  pump.flush();
  await settle();
  assertEquals(ends.map(String), ["Error: no journal"]);
});

Deno.test("WritePump ends its pipeline when its sink is closed", async () => {
  const { sink, pump, outbox, ends } = setUp();
  await pump.start({ id: "c", target: "alexander" });
  sink.buffered = 100_000;
  for (let n = 1; n <= 300; n++) outbox.offer(nth(n, 1_000));
  pump.flush();
  await settle();
  sink.open = false;
  sink.drainTo(0);
  await settle();
  assertLessOrEqual(sink.frames.length, 3);
  assertEquals(ends, []);
});
