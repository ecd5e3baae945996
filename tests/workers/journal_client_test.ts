/** The journal of a worker fulfils the contract, over rings that are large and over rings that are always full. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { Entry, Journal, Receipt } from "../../src/journal/journal.ts";
import { MemoryJournal } from "../../src/journal/memory.ts";
import { eventually } from "../eventually.ts";
import { forgettingContract } from "../contracts/forgetting.ts";
import { journalContract } from "../contracts/journal.ts";
import type { CreateJournal } from "../contracts/journal_tests.ts";
import { marksContract } from "../contracts/marks.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { LinkedIsolates } from "./linked_isolates.ts";

const RETENTION = { seconds: 60, perTarget: 1_000, bytes: 64 * 1024 * 1024 };

const create: CreateJournal = (feed, retention, now) => {
  const isolates = new LinkedIsolates();
  isolates.own((feed) => new MemoryJournal(feed, retention, now));
  const journal: Journal = isolates.join(1).journal(feed);
  const close = journal.close.bind(journal);
  journal.close = async () => {
    await close();
    isolates.close();
  };
  return Promise.resolve(journal);
};

journalContract("JournalClient", create);
marksContract("JournalClient", create);
forgettingContract("JournalClient", create);

/** A journal with two workers, and what each isolate was offered. */
function openTwo() {
  const isolates = new LinkedIsolates();
  const offered: string[][] = [[], [], []], gaps: (string | null)[][] = [[], [], []];
  const feedOf = (isolate: number) => ({
    offer: (entry: Entry) => (offered[isolate]?.push(entry.id ?? "") ?? 0) > 0,
    gap: (target: string | null) => void gaps[isolate]?.push(target),
  });
  const own = isolates.own((feed) => new MemoryJournal(feed, RETENTION), { local: feedOf(0) });
  const journals = [own, isolates.join(1).journal(feedOf(1)), isolates.join(2).journal(feedOf(2))] as const;
  return { isolates, journals, offered, gaps };
}

function positionIn(receipt: Receipt | undefined): string {
  assert(receipt?.outcome === "kept");
  return receipt.position;
}

const draft = (id: string, target: string | null, data = "1") => ({ ...PLAIN_DRAFT, id, target, data });

Deno.test("JournalClient offers what any isolate appends to the isolates that follow it, and to no other", async () => {
  const { isolates, journals: [own, first, second], offered } = openTwo();
  await first.follow("alexander");
  await own.follow("burr");
  await second.append([draft("1", "alexander"), draft("2", "burr"), draft("3", null), draft("4", "nobody")]);
  await first.append([draft("5", "burr"), draft("6", "alexander")]);
  await own.append([draft("7", "alexander"), draft("8", null)]);
  await Promise.all([
    first.read("x", null, { entries: 0, bytes: 0 }),
    second.read("x", null, { entries: 0, bytes: 0 }),
  ]);
  assertEquals(offered, [["2", "3", "5", "8"], ["1", "3", "6", "7", "8"], ["3", "8"]]);
  isolates.close();
});

Deno.test("JournalClient takes no answer for its own that a worker before it has waited for", async () => {
  const isolates = new LinkedIsolates(), appended = [1, 2].map(() => Promise.withResolvers<void>());
  isolates.own((feed) => {
    const journal = new MemoryJournal(feed, RETENTION),
      append = journal.append.bind(journal),
      left = [...appended];
    journal.append = async (drafts) => {
      await left.shift()?.promise; // as long as a disk may take
      return await append(drafts);
    };
    return journal;
  });
  const open = () => isolates.join(1).journal({ offer: () => true, gap() {} });
  void open().append([draft("1", "alexander")]);
  await eventually(() => isolates.owner.inlets.areEmpty, "the first append");
  isolates.owner.leave(1);
  const again = open(), receipts = again.append([draft("2", "alexander"), draft("3", "alexander")]);
  appended[0]?.resolve();
  await again.read("x", null, { entries: 0, bytes: 0 });
  appended[1]?.resolve();
  assertEquals((await receipts).length, 2);
  isolates.close();
});

Deno.test("JournalClient forgets what a worker followed that has gone", async () => {
  const { isolates, journals: [own, first], offered } = openTwo();
  await first.follow("alexander");
  isolates.owner.leave(1);
  await own.append([draft("1", "alexander"), draft("2", null)]);
  const again = isolates.join(1).journal({
    offer: (entry) => (offered[1]?.push(entry.id ?? "") ?? 0) > 0,
    gap() {},
  });
  await own.append([draft("3", "alexander"), draft("4", null)]);
  await again.read("x", null, { entries: 0, bytes: 0 });
  assertEquals(offered[1], ["4"]);
  isolates.close();
});

Deno.test("JournalClient appends in the order of the calls, whatever fits into a ring", async () => {
  const sizes = fc.array(fc.constantFrom(1, 1_000, 1_000_000, 2_000_000), { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, async (sizes) => {
      const { isolates, journals: [, first] } = openTwo();
      const appends = sizes.map((size, id) =>
        first.append([draft(`${id}`, "burr", `"${"x".repeat(size)}"`)])
      );
      const positions = (await Promise.all(appends)).map(([receipt]) => positionIn(receipt));
      assertEquals(positions, positions.toSorted());
      isolates.close();
    }),
    { numRuns: 30 },
  );
});

Deno.test("JournalClient tells its feed of a gap when more was appended than a ring holds, and goes on after it", async () => {
  const { isolates, journals: [own, first], offered, gaps } = openTwo();
  await first.follow("alexander");
  const data = JSON.stringify("x".repeat(1024 * 1024));
  for (let id = 0; id < 12; id++) await own.append([draft(`${id}`, "alexander", data)]); // in one turn
  await first.append([draft("last", "burr", data)]);
  const { entries } = await first.read("alexander", null, { entries: 0, bytes: 0 });
  assertEquals(entries, []);
  assertEquals(offered[1]?.length, Number(offered[1]?.at(-1)) + 1, "without holes");
  assertEquals(new Set(gaps[1]), new Set(["alexander"]));
  await own.append([draft("after", "alexander")]);
  await first.read("x", null, { entries: 0, bytes: 0 });
  assertEquals(offered[1]?.at(-1), "after");
  isolates.close();
});
