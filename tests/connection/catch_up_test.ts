/** Catching up: what is said, and that nothing is lost between a page and the live stream. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { Outbox } from "../../src/hub/outbox.ts";
import type { Page, PageLimit } from "../../src/journal/journal.ts";
import { CatchUp, type StreamStart } from "../../src/connection/catch_up.ts";
import { play, run } from "./stream_model.ts";

const RUNS = { numRuns: 1_500, endOnFailure: true };

Deno.test("CatchUp loses, doubles and reorders nothing under stalls, torn feeds, slow reads and reconnects", async () => {
  await fc.assert(
    fc.asyncProperty(run, (one) => play(one, (after, options) => new Outbox(after, options))),
    RUNS,
  );
});

/** Turns live with the last page, also if something was dropped meanwhile: the rule that must not be. */
class HastyOutbox extends Outbox {
  protected override mayTurnLive({ more }: { readonly more: boolean }): boolean {
    return !more;
  }
}

Deno.test("The model finds the loss if an outbox turns live although something was dropped while it read", async () => {
  const hasty = fc.asyncProperty(
    run,
    (one) => play(one, (after, options) => new HastyOutbox(after, options)),
  );
  await assertRejects(() => fc.assert(hasty, { ...RUNS, numRuns: 2_000 }));
});

/** A journal that answers with the pages it is given and notes what it was asked for. */
function scripted(...pages: readonly Partial<Page>[]) {
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
    text,
    bytes: text.length,
  };
}

async function startOf(catchUp: CatchUp): Promise<StreamStart> {
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
  Deno.test(`CatchUp says recovered: ${recovered} after ${after}, if the journal is complete: ${complete}`, async () => {
    const outbox = new Outbox(after, { maxBytes: 1_000 });
    const { journal, asked } = scripted({ next: "start", complete });
    assertEquals(await startOf(new CatchUp("alexander", { outbox, journal })), {
      position: "start",
      recovered,
    });
    assertEquals([asked[0]?.after, asked[0]?.limit.entries, outbox.live], [after, 0, true]);
  });
}

Deno.test("CatchUp says where the stream starts before its outbox is live", async () => {
  const outbox = new Outbox(null, { maxBytes: 1_000 });
  await new CatchUp("alexander", { outbox, journal: scripted().journal }).start(() => assert(!outbox.live));
  assert(outbox.live);
});

Deno.test("CatchUp reads page after page, each from where the last one ended, until the outbox is live", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const { journal, asked } = scripted(
    { next: "a", more: true },
    { entries: [entry("b"), entry("c")], next: "c", more: true },
    { entries: [entry("d")], next: "d" },
  );
  const catchUp = new CatchUp("alexander", { outbox, journal });
  await startOf(catchUp);
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("b"), entry("c")] });
  assert(!outbox.live);
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("d")] });
  assert(outbox.live);
  assertEquals(asked.map(({ after }) => after), ["a", "a", "c"]);
});

Deno.test("CatchUp says that some are missed before a page that is not complete, but not what the welcome said already", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const { journal } = scripted(
    { next: "a", more: true, complete: false },
    { entries: [entry("b")], next: "b", more: true, complete: false },
    { entries: [entry("c")], next: "c", more: true },
    { entries: [entry("e")], next: "e", complete: false },
  );
  const catchUp = new CatchUp("alexander", { outbox, journal });
  assertEquals((await startOf(catchUp)).recovered, false);
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("b")] });
  assertEquals(await catchUp.nextPage(), { missed: false, notifications: [entry("c")] });
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("e")] });
});

Deno.test("CatchUp says that some are missed later, when the welcome said so of all that there was before", async () => {
  const outbox = new Outbox("a", { maxBytes: 1_000 });
  const { journal } = scripted(
    { next: "b", complete: false },
    { entries: [entry("d")], next: "d", complete: false },
  );
  const catchUp = new CatchUp("alexander", { outbox, journal });
  assertEquals((await startOf(catchUp)).recovered, false);
  assert(outbox.live);
  outbox.fallBehind();
  assertEquals(await catchUp.nextPage(), { missed: true, notifications: [entry("d")] });
});
