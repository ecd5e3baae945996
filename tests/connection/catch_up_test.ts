/** Tests what catching up reports, and that nothing is lost between the last page and the live stream. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { Outbox } from "../../src/hub/outbox.ts";
import type { Page, PageLimit } from "../../src/journal/journal.ts";
import { CatchUp, type StreamStart } from "../../src/connection/catch_up.ts";
import { play, run } from "./stream_model.ts";

const RUNS = { numRuns: 1_500, endOnFailure: true };

Deno.test("CatchUp loses, duplicates and reorders nothing under stalls, gaps in the feed, slow reads and reconnects", async () => {
  await fc.assert(
    fc.asyncProperty(run, (one) => play(one, (after, options) => new Outbox(after, options))),
    RUNS,
  );
});

/** A faulty outbox that turns live with the last page, even if something was dropped while it was being read. */
class HastyOutbox extends Outbox {
  override endPage(page: { readonly next: string; readonly more: boolean }): void {
    this.beginPage(); // hides that something was dropped since the page was begun
    super.endPage(page);
  }
}

Deno.test("The model finds the loss if an outbox turns live although something was dropped during a page", async () => {
  const hasty = fc.asyncProperty(
    run,
    (one) => play(one, (after, options) => new HastyOutbox(after, options)),
  );
  await assertRejects(() => fc.assert(hasty, { ...RUNS, numRuns: 2_000 }));
});

/** A journal that returns these pages, and records what it was asked for. */
function scriptedJournal(...pages: readonly Partial<Page>[]) {
  const asked: { after: string | null; limit: PageLimit }[] = [];
  const rest = [...pages];
  function read(_target: string, after: string | null, limit: PageLimit): Promise<Page> {
    asked.push({ after, limit });
    return Promise.resolve({ entries: [], next: "p", more: false, complete: true, ...rest.shift() });
  }
  return { journal: { read }, asked };
}

function entry(position: string) {
  const text = `{"position":"${position}"}`;
  return {
    id: `id-${position}`,
    position,
    target: "alexander",
    topic: null,
    expiresAt: 0,
    hasOwnTtl: false,
    hasPush: false,
    text,
    bytes: text.length,
  };
}

async function startStream(catchUp: CatchUp): Promise<StreamStart> {
  const { promise, resolve } = Promise.withResolvers<StreamStart>();
  await catchUp.start(resolve);
  return await promise;
}

for (
  const { after, complete, recovered } of [
    { after: null, complete: true, recovered: null },
    { after: "a", complete: true, recovered: true },
    { after: "a", complete: false, recovered: false },
  ]
) {
  Deno.test(`CatchUp reports recovered: ${recovered} for a stream after ${after} if the page has complete: ${complete}`, async () => {
    const outbox = new Outbox(after, { maxBytes: 1_000 });
    const { journal, asked } = scriptedJournal({ next: "start", complete }, { next: "start" });
    assertEquals(await startStream(new CatchUp("alexander", { outbox, journal })), {
      position: "start",
      recovered,
    });
    assertEquals([asked[0]?.after, asked[0]?.limit.entries, outbox.live], [after, 0, true]);
  });
}

Deno.test("CatchUp reports where the stream starts before the outbox turns live", async () => {
  const outbox = new Outbox(null, { maxBytes: 1_000 });
  await new CatchUp("alexander", { outbox, journal: scriptedJournal().journal }).start(() =>
    assert(!outbox.live)
  );
  assert(outbox.live);
});

Deno.test("CatchUp reads pages, each from the end of the one before, until the outbox is live", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const { journal, asked } = scriptedJournal(
    { next: "a", more: true },
    { entries: [entry("b"), entry("c")], next: "c", more: true },
    { entries: [entry("d")], next: "d" },
  );
  const catchUp = new CatchUp("alexander", { outbox, journal });
  await startStream(catchUp);
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("b"), entry("c")] });
  assert(!outbox.live);
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("d")] });
  assert(outbox.live);
  assertEquals(asked.map(({ after }) => after), ["a", "a", "c"]);
});

Deno.test("CatchUp reports a loss before an incomplete page, unless the welcome has reported it already", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const { journal } = scriptedJournal(
    { next: "a", more: true, complete: false },
    { next: "a", more: true, complete: false }, // something has gone from among those that are kept
    { entries: [entry("b")], next: "b", more: true, complete: false },
    { entries: [entry("c")], next: "c", more: true },
    { entries: [entry("e")], next: "e", complete: false },
  );
  const catchUp = new CatchUp("alexander", { outbox, journal });
  assertEquals((await startStream(catchUp)).recovered, false);
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("b")] });
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("c")] });
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("e")] });
});

Deno.test("CatchUp reports a later loss, although the welcome has reported an earlier one", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const { journal } = scriptedJournal(
    { next: "b", complete: false },
    { next: "b" },
    { entries: [entry("d")], next: "d", complete: false },
  );
  const catchUp = new CatchUp("alexander", { outbox, journal });
  assertEquals((await startStream(catchUp)).recovered, false);
  assert(outbox.live);
  outbox.fallBehind();
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("d")] });
});

Deno.test("CatchUp reports what a stream loses between a welcome that has reported a loss and its first page", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const { journal, asked } = scriptedJournal(
    { next: "c", more: true, complete: false },
    { next: "c", more: true },
    { entries: [entry("e")], next: "e", complete: false }, // d has gone meanwhile
  );
  const catchUp = new CatchUp("alexander", { outbox, journal });
  assertEquals(await startStream(catchUp), { position: "c", recovered: false });
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("e")] });
  assertEquals(asked.map(({ after }) => after), ["a", "c", "c"]);
});

Deno.test("CatchUp reports a new loss on the first page, although that page would show the loss of the welcome too", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const kept = { next: "a", more: true, complete: false, lossThrough: 7 }; // an older notification to everyone is kept
  const { journal } = scriptedJournal(kept, kept, {
    entries: [entry("b"), entry("k")],
    next: "k",
    complete: false,
    lossThrough: 9,
  });
  const catchUp = new CatchUp("alexander", { outbox, journal });
  assertEquals(await startStream(catchUp), { position: "a", recovered: false });
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("b"), entry("k")] });
});

/** The three reads with which a fresh stream starts: from nowhere, from its start, and its first page. */
const freshStart = (complete: boolean) => [
  { next: "b", more: true, complete: false },
  { next: "b", more: true, complete },
];

Deno.test("CatchUp reports a loss that several pages show once, and another one again", async () => {
  for (const [after, recovered] of [["a", false], ["earliest", null]] as const) {
    const isFresh = after === "earliest";
    const outbox = new Outbox(after, { maxBytes: 1_000 });
    const lost = { next: "start", more: true, complete: false };
    const { journal } = scriptedJournal(
      { ...lost, lossThrough: 7 },
      { ...lost, lossThrough: 7 },
      { ...lost, lossThrough: 7, entries: [entry("b")] },
      { ...lost, lossThrough: 7, entries: [entry("c")] },
      { ...lost, lossThrough: 8, entries: [entry("d")] },
      { ...lost, entries: [entry("e")] }, // one that only this page shows
      { ...lost, lossThrough: 8, entries: [entry("f")] },
    );
    const catchUp = new CatchUp("alexander", { outbox, journal, isFresh });
    assertEquals(await startStream(catchUp), { position: "start", recovered });
    const missed = [];
    for (let page = 0; page < 5; page++) missed.push((await catchUp.nextPage()).missed);
    assertEquals(missed, [false, false, true, true, false]);
  }
});

Deno.test("CatchUp starts a fresh stream at the oldest entry, and says nothing of what went before", async () => {
  const outbox = new Outbox("0", { maxBytes: 1_000 });
  const page = { entries: [entry("c")], next: "c" };
  const { journal, asked } = scriptedJournal(...freshStart(true), page);
  const catchUp = new CatchUp("alexander", { outbox, journal, isFresh: true });
  assertEquals(await startStream(catchUp), { position: "b", recovered: null });
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("c")] });
  assertEquals(asked.map(({ after }) => after), ["0", "b", "b"]);
  assert(outbox.live);
});

Deno.test("CatchUp reports what a fresh stream loses between its welcome and its first page", async () => {
  const outbox = new Outbox("0", { maxBytes: 1_000 });
  const page = { entries: [entry("d")], next: "d", complete: false };
  const { journal } = scriptedJournal(...freshStart(true), page);
  const catchUp = new CatchUp("alexander", { outbox, journal, isFresh: true });
  await startStream(catchUp);
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("d")] });
});

Deno.test("CatchUp reports no loss from among the oldest entries that a fresh stream starts with", async () => {
  const outbox = new Outbox("0", { maxBytes: 1_000 });
  const gone = { entries: [entry("c"), entry("e")], next: "e", more: true, complete: false };
  const { journal } = scriptedJournal(...freshStart(false), gone, {
    entries: [entry("g")],
    next: "g",
    complete: false,
  });
  const catchUp = new CatchUp("alexander", { outbox, journal, isFresh: true });
  assertEquals((await startStream(catchUp)).recovered, null);
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("c"), entry("e")] });
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("g")] });
});
