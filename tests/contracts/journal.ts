/** The contract of all journals, as tests. The test file of each adapter runs them. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as fc from "fast-check";
import type { Draft, Entry, Journal, Page, Receipt, Retention } from "../../src/journal/journal.ts";
import { CatchUp, type StreamStart } from "../../src/connection/catch_up.ts";
import { Outbox } from "../../src/hub/outbox.ts";
import { OLDEST, type Position } from "../../src/wire/position.ts";
import { type CreateJournal, journalTests, type RegisterTest } from "./journal_tests.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { traceTests } from "./traces.ts";

const AMPLE: Retention = { seconds: 3_600, perTarget: 1_000, bytes: 16 * 1024 * 1024 };
const ALL = { entries: 10_000, bytes: 16 * 1024 * 1024 };
const FOREIGN_POSITION: Position = "00000000-00000000000"; // of another journal

let drafts = 0;

/** Creates a draft whose data is a unique number. */
function draft(target: string | null, more: Partial<Draft> = {}): Draft {
  const data = String(++drafts);
  return {
    id: `id-${data}`,
    target,
    data,
    ...PLAIN_DRAFT,
    ...more,
  };
}

/** Reads the number in an entry's data. */
function numberOf({ text }: Pick<Entry, "text">): number {
  return JSON.parse(text).data;
}

function numbersOf({ entries }: Pick<Page, "entries">): number[] {
  return entries.map(numberOf);
}

/** Appends these drafts, or drafts for these targets, and returns their numbers. */
async function append(journal: Journal, ...targets: readonly (string | null | Draft)[]): Promise<number[]> {
  const appended = targets.map((one) => typeof one === "object" && one !== null ? one : draft(one));
  for (const { outcome } of await journal.append(appended)) assertEquals(outcome, "kept");
  return appended.map(({ data }) => Number(data));
}

async function headOf(journal: Journal): Promise<Position> {
  return (await journal.read("anyone", null, ALL)).next;
}

function positionOf(receipt: Receipt | undefined): Position {
  assert(receipt !== undefined && receipt.outcome !== "conflict");
  return receipt.position;
}

/** Reads everything after a position, in pages of `entries` entries. */
async function readAll(
  journal: Journal,
  target: string,
  { after, entries }: { after: Position; entries: number },
) {
  const numbers: number[] = [];
  for (let position = after, more = true; more;) {
    const page = await journal.read(target, position, { entries, bytes: ALL.bytes });
    numbers.push(...numbersOf(page));
    ({ next: position, more } = page);
  }
  return numbers;
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function journalContract(
  name: string,
  create: CreateJournal,
  register: RegisterTest = Deno.test,
): void {
  const test = journalTests(name, { create, register, retention: AMPLE, recorded: numberOf });
  traceTests(name, { create, register, retention: AMPLE });

  test("gives each draft a position after all earlier ones", {}, async ({ journal }) => {
    const first = await journal.append([draft("alexander"), draft(null), draft("burr")]);
    const second = await journal.append([draft("alexander")]);
    const positions = [...first, ...second].map(positionOf);
    assertEquals(positions, positions.toSorted());
    assertEquals(new Set(positions).size, 4);
  });

  test("encodes a notification with the publisher's own text of its data", {}, async ({ journal, clock }) => {
    const start = await headOf(journal);
    const data = '{"big":12345678901234567890,"one":1.0,"text":"\\u00e9 é \\ud83d\\ude00"}';
    await journal.append([draft("alexander", { id: 'a "name"', data, topic: "duel", urgency: "high" })]);
    const { entries: [entry] } = await journal.read("alexander", start, ALL);
    assert(entry !== undefined);
    assert(entry.text.includes(`"data":${data}`));
    assertEquals(entry.bytes, new TextEncoder().encode(entry.text).length);
    const { data: _, ...rest } = JSON.parse(entry.text);
    assertEquals(rest, {
      type: "notification",
      id: 'a "name"',
      position: entry.position,
      at: new Date(clock.now).toISOString(),
      topic: "duel",
      urgency: "high",
    });
  });

  test(
    "offers the new entries of followed targets and of everyone, in order, and nothing else",
    {},
    async (fixture) => {
      const { journal, offered } = fixture;
      await journal.follow("alexander");
      const [a1, , all, a2] = await append(journal, "alexander", "burr", null, "alexander");
      assertEquals(offered, [a1, all, a2]);
      journal.unfollow("alexander");
      const [, all2] = await append(journal, "alexander", null);
      assertEquals(offered, [a1, all, a2, all2]);
      await journal.follow("burr");
      const [, b] = await append(journal, "alexander", "burr");
      assertEquals(offered, [a1, all, a2, all2, b]);
    },
  );

  test(
    "reads a target's entries and everyone's after a position, merged in order",
    {},
    async ({ journal }) => {
      const start = await headOf(journal);
      const [a1, , all, a2, b2] = await append(journal, "alexander", "burr", null, "alexander", "burr");
      assertEquals(numbersOf(await journal.read("alexander", start, ALL)), [a1, all, a2]);
      assertEquals(numbersOf(await journal.read("nobody", start, ALL)), [all]);
      const page = await journal.read("burr", start, ALL);
      assertEquals([page.more, page.complete, numbersOf(page).at(-1)], [false, true, b2]);
      assertEquals(page.next, page.entries.at(-1)?.position);
    },
  );

  test("reads an empty page at the head, and returns the position of the head", {}, async ({ journal }) => {
    await append(journal, "alexander", "alexander");
    const page = await journal.read("alexander", null, ALL);
    assertEquals([page.entries, page.more, page.complete], [[], false, true]);
    const [later] = await append(journal, "alexander");
    assertEquals(numbersOf(await journal.read("alexander", page.next, ALL)), [later]);
  });

  test(
    "resumes after any position, even that of another target's entry or of everyone's",
    {},
    async ({ journal }) => {
      const receipts = await journal.append([
        draft("alexander"),
        draft("burr"),
        draft(null),
        draft("alexander"),
      ]);
      const [last] = await append(journal, "alexander");
      for (const [index, expected] of [3, 3, 2, 1].entries()) {
        const page = await journal.read("alexander", positionOf(receipts[index]), ALL);
        assertEquals([page.entries.length, numbersOf(page).at(-1), page.complete], [expected, last, true]);
      }
    },
  );

  test("limits a page by entries", {}, async ({ journal }) => {
    const start = await headOf(journal);
    const numbers = await append(journal, "alexander", null, "alexander", null, "alexander");
    const page = await journal.read("alexander", start, { ...ALL, entries: 2 });
    assertEquals([numbersOf(page), page.more], [numbers.slice(0, 2), true]);
    assertEquals(page.next, page.entries[1]?.position);
    assertEquals(await readAll(journal, "alexander", { after: start, entries: 2 }), numbers);
    const exact = await journal.read("alexander", start, { ...ALL, entries: 5 });
    assertEquals([exact.entries.length, exact.more], [5, false]);
  });

  test("limits a page by bytes, but returns at least one entry", {}, async ({ journal }) => {
    const start = await headOf(journal);
    const numbers = await append(journal, "alexander", "alexander", "alexander");
    const { entries: [first, second] } = await journal.read("alexander", start, ALL);
    assert(first !== undefined && second !== undefined);
    const both = await journal.read("alexander", start, { ...ALL, bytes: first.bytes + second.bytes });
    assertEquals([numbersOf(both), both.more], [numbers.slice(0, 2), true]);
    const tight = await journal.read("alexander", start, { ...ALL, bytes: 1 });
    assertEquals([numbersOf(tight), tight.more], [numbers.slice(0, 1), true]);
  });

  test("finds where a stream starts when the limit is no entries", {}, async ({ journal }) => {
    const start = await headOf(journal);
    const none = { entries: 0, bytes: 0 };
    assertEquals(await journal.read("alexander", start, none), {
      entries: [],
      next: start,
      more: false,
      complete: true,
    });
    await append(journal, "alexander");
    assertEquals(await journal.read("alexander", start, none), {
      entries: [],
      next: start,
      more: true,
      complete: true,
    });
  });

  test(
    "lets a fresh stream start before the oldest entry that is left, or at the head, with nothing missing",
    { seconds: 60, perTarget: 2 },
    async ({ journal, clock }) => {
      async function readFresh(target: string) {
        const outbox = new Outbox(OLDEST, { maxBytes: 1_000 });
        const catchUp = new CatchUp(target, { outbox, journal, isFresh: true });
        const start = Promise.withResolvers<StreamStart>();
        await catchUp.start(start.resolve);
        const { position, recovered } = await start.promise;
        const { entries, complete } = await journal.read(target, position, ALL);
        return { recovered, complete, position, entries };
      }
      const { position, ...empty } = await readFresh("alexander");
      assertEquals([position, empty], [await headOf(journal), {
        recovered: null,
        complete: true,
        entries: [],
      }]);
      const own = await append(journal, "alexander", "alexander", "burr", "alexander");
      const everyones = await append(journal, null);
      const alexanders = await readFresh("alexander"), burrs = await readFresh("burr");
      assertEquals(numbersOf(alexanders), [own[1], own[3], ...everyones]);
      assertEquals(numbersOf(burrs), [own[2], ...everyones]);
      everyones.push(...await append(journal, null, null)); // evicts the first of them
      const later = await append(journal, "alexander", "alexander");
      const again = await readFresh("alexander");
      assertEquals(numbersOf(again), [...everyones.slice(1), ...later]);
      for (const { complete, recovered } of [alexanders, burrs, again]) {
        assertEquals([complete, recovered], [true, null]);
      }
      clock.now += 60_000;
      const expired = await readFresh("alexander");
      assertEquals([expired.position, expired.complete, expired.entries], [await headOf(journal), true, []]);
    },
  );

  test(
    "evicts the oldest entries of a target that has too many, and reports the loss",
    { perTarget: 3 },
    async (fixture) => {
      const { journal } = fixture;
      const receipts = await journal.append(Array.from({ length: 5 }, () => draft("alexander")));
      const other = await append(journal, "burr", "burr");
      const [p1, p2] = receipts.map(positionOf);
      assert(p1 !== undefined && p2 !== undefined);
      const survivors = await journal.read("alexander", p2, ALL);
      assertEquals([survivors.entries.length, survivors.complete], [3, true]);
      const missed = await journal.read("alexander", p1, ALL);
      assertEquals([numbersOf(missed), missed.complete], [numbersOf(survivors), false]);
      const unaffected = await journal.read("burr", p1, ALL);
      assertEquals(numbersOf(unaffected), other);
    },
  );

  test(
    "evicts the oldest entries for everyone, and no target's own with them",
    { perTarget: 2 },
    async ({ journal }) => {
      const start = await headOf(journal);
      const [own] = await append(journal, "alexander");
      const numbers = await append(journal, null, null, null);
      const page = await journal.read("alexander", start, ALL);
      assertEquals([numbersOf(page), page.complete], [[own, ...numbers.slice(1)], false]);
    },
  );

  test(
    "evicts the oldest entries of all when there are too many bytes",
    { bytes: 1024 * 1024 },
    async ({ journal }) => {
      await journal.follow("alexander");
      const start = await headOf(journal);
      const data = `"${"x".repeat(100_000)}"`;
      const receipts = await journal.append(Array.from({ length: 12 }, () => draft("alexander", { data })));
      const page = await journal.read("alexander", start, ALL);
      assertEquals(page.complete, false);
      assertEquals(page.entries.map(({ position }) => position), receipts.slice(2).map(positionOf));
    },
  );

  test(
    "keeps nothing for longer than its retention, and reports the loss",
    { seconds: 60 },
    async (fixture) => {
      const { journal, clock } = fixture;
      const start = await headOf(journal);
      await append(journal, "alexander");
      clock.now += 30_000;
      const [younger] = await append(journal, "alexander");
      clock.now += 29_999;
      assertEquals((await journal.read("alexander", start, ALL)).entries.length, 2);
      clock.now += 1;
      const page = await journal.read("alexander", start, ALL);
      assertEquals([numbersOf(page), page.complete], [[younger], false]);
    },
  );

  test(
    "still reports a loss when all entries of a target have expired",
    { seconds: 60 },
    async ({ journal, clock }) => {
      const start = await headOf(journal);
      const [receipt] = await journal.append([draft("alexander")]);
      clock.now += 60_000;
      await append(journal, "burr");
      const page = await journal.read("alexander", start, ALL);
      assertEquals([page.entries, page.more, page.complete], [[], false, false]);
      assert(
        (await journal.read("alexander", page.next, ALL)).complete,
        "nothing is missing when reading continues from there",
      );
      assert(
        (await journal.read("alexander", positionOf(receipt), ALL)).complete,
        "a reader of the expired entry has missed nothing",
      );
    },
  );

  test(
    "knows exactly what a followed target has lost",
    { seconds: 60 },
    async ({ journal, clock }) => {
      await journal.follow("alexander");
      const start = await headOf(journal);
      await append(journal, "burr", "hamilton");
      clock.now += 60_000;
      assert(
        (await journal.read("alexander", start, ALL)).complete,
        "the losses of other targets do not count",
      );
    },
  );

  test(
    "keeps nothing with a retention of 0, and only offers it to the feed",
    { seconds: 0 },
    async ({ journal, offered }) => {
      await journal.follow("alexander");
      const start = await headOf(journal);
      const [live] = await append(journal, "alexander");
      assertEquals(offered, [live]);
      const page = await journal.read("alexander", start, ALL);
      assertEquals([page.entries, page.more, page.complete], [[], false, false]);
      const head = await journal.read("alexander", await headOf(journal), ALL);
      assertEquals([head.entries, head.complete], [[], true]);
    },
  );

  test(
    "keeps an entry no longer than its ttl, which is no loss, and not at all with a ttl of 0",
    {},
    async ({ journal, offered, clock }) => {
      await journal.follow("alexander");
      const start = await headOf(journal);
      const zero = draft("alexander", { ttl: 0 }),
        short = draft("alexander", { ttl: 10 }),
        long = draft("alexander", { ttl: 1e9 });
      const receipts = await journal.append([zero, short, long]);
      const lives = receipts.map((receipt) => receipt.outcome === "kept" && receipt.expiresAt - clock.now);
      assertEquals(lives, [0, 10_000, 3_600_000]);
      assertEquals(offered, [zero, short, long].map(({ data }) => Number(data)));
      assertEquals(numbersOf(await journal.read("alexander", start, ALL)), [
        Number(short.data),
        Number(long.data),
      ]);
      clock.now += 10_000;
      const page = await journal.read("alexander", start, ALL);
      assertEquals([numbersOf(page), page.complete], [[Number(long.data)], true]);
      clock.now += 3_589_999;
      assert((await journal.read("alexander", start, ALL)).complete);
      clock.now += 1;
      assert(
        !(await journal.read("alexander", start, ALL)).complete,
        "the entry with the longer ttl is a loss",
      );
    },
  );

  test(
    "keeps only the newest entry of a target and topic, at its own position, which is no loss",
    {},
    async ({ journal }) => {
      const start = await headOf(journal);
      const [, other, own] = await append(
        journal,
        draft("alexander", { topic: "duel" }),
        draft("burr", { topic: "duel" }),
        draft("alexander"),
      );
      const [newest] = await append(journal, draft("alexander", { topic: "duel" }));
      const page = await journal.read("alexander", start, ALL);
      assertEquals([numbersOf(page), page.complete], [[own, newest], true]);
      assertEquals(numbersOf(await journal.read("burr", start, ALL)), [other]);
      const [instead] = await append(journal, draft("burr", { topic: "duel" })); // replaces the only entry of the target
      const replaced = await journal.read("burr", start, ALL);
      assertEquals([numbersOf(replaced), replaced.complete], [[instead], true]);
    },
  );

  test(
    "retracts the entry of a topic, which is no loss, when a newer one has a ttl of 0",
    {},
    async ({ journal, offered }) => {
      await journal.follow("alexander");
      const start = await headOf(journal);
      const [, plain, other, everyones] = await append(
        journal,
        draft("alexander", { topic: "duel" }),
        draft("alexander"),
        draft("alexander", { topic: "bank" }),
        draft(null, { topic: "duel" }),
      );
      const [retraction] = await append(journal, draft("alexander", { topic: "duel", ttl: 0 }));
      assertEquals(offered.at(-1), retraction);
      const page = await journal.read("alexander", start, ALL);
      assertEquals([numbersOf(page), page.complete], [[plain, other, everyones], true]);
      await append(
        journal,
        draft("alexander", { topic: "duel" }), // all in one append
        draft("alexander", { topic: "duel", ttl: 0 }),
        draft("alexander", { topic: "nothing", ttl: 0 }),
      );
      assertEquals(numbersOf(await journal.read("alexander", start, ALL)), [plain, other, everyones]);
      const [again] = await append(journal, draft("alexander", { topic: "duel" }));
      assertEquals(numbersOf(await journal.read("alexander", start, ALL)), [plain, other, everyones, again]);
    },
  );

  test(
    "answers a repeat like the first append, and delivers it once",
    {},
    async ({ journal, offered, clock }) => {
      await journal.follow("alexander");
      const start = await headOf(journal);
      const once = draft("alexander", { id: "duel", digest: "content" });
      const [first] = await journal.append([once]);
      clock.now += 1_000;
      const [again, other] = await journal.append([once, draft("alexander")]);
      assert(first?.outcome === "kept" && again?.outcome === "repeated" && other?.outcome === "kept");
      assertEquals([again.position, again.expiresAt], [first.position, first.expiresAt]);
      assertEquals([offered.length, (await journal.read("alexander", start, ALL)).entries.length], [2, 2]);
    },
  );

  test("recognises a repeat within one append, for each target separately", {}, async ({ journal }) => {
    const one = draft("alexander", { id: "duel", digest: "content" });
    const receipts = await journal.append([one, one, { ...one, target: "burr" }, { ...one, target: null }]);
    assertEquals(receipts.map(({ outcome }) => outcome), ["kept", "repeated", "kept", "kept"]);
    const more = await journal.append([{ ...one, target: "burr" }, { ...one, target: "jefferson" }]);
    assertEquals(more.map(({ outcome }) => outcome), ["repeated", "kept"], "the missing target is accepted");
  });

  test(
    "refuses other content under a used id, and accepts the other drafts of the append",
    {},
    async ({ journal }) => {
      const start = await headOf(journal);
      const one = draft("alexander", { id: "duel", digest: "content" });
      const unrelated = draft("alexander");
      await journal.append([one]);
      const receipts = await journal.append([
        draft("alexander", { id: "duel", digest: "other content" }),
        unrelated,
      ]);
      assertEquals(receipts.map(({ outcome }) => outcome), ["conflict", "kept"]);
      assertEquals(numbersOf(await journal.read("alexander", start, ALL)), [
        Number(one.data),
        Number(unrelated.data),
      ]);
    },
  );

  test("remembers the ids of evicted entries, but not beyond the retention", {
    perTarget: 1,
    seconds: 60,
  }, async (fixture) => {
    const { journal, clock } = fixture;
    const one = draft("alexander", { id: "duel", digest: "content" });
    await journal.append([one]);
    await append(journal, "alexander", "alexander");
    const [repeat] = await journal.append([one]);
    assertEquals(repeat?.outcome, "repeated");
    clock.now += 60_000;
    const [anew] = await journal.append([one]);
    assertEquals(anew?.outcome, "kept");
  });

  test(
    "reports a possible loss after a position of another journal, or beyond its head",
    {},
    async ({ journal }) => {
      const numbers = await append(journal, "alexander", null);
      const head = await headOf(journal);
      const beyond = head.slice(0, -1) + (head.endsWith("z") ? "zz" : "z");
      for (const after of [FOREIGN_POSITION, "zzzzzzzz-zzzzzzzzzzz", beyond.slice(0, head.length)]) {
        const page = await journal.read("alexander", after, ALL);
        assertEquals([numbersOf(page), page.complete, page.more], [numbers, false, false], after);
        const { next: start, complete } = await journal.read("alexander", after, { entries: 0, bytes: 0 });
        assert(!complete);
        const fromThere = await journal.read("alexander", start, ALL);
        assertEquals(
          [numbersOf(fromThere), fromThere.complete],
          [numbers, true],
          "nothing is missing after the start",
        );
      }
      const none = await journal.read("alexander", FOREIGN_POSITION, { entries: 0, bytes: 0 });
      assertNotEquals(none.next, FOREIGN_POSITION);
    },
  );

  test(
    "reads every entry that it has offered, even one offered during a read",
    {},
    async ({ journal, offered }) => {
      await journal.follow("alexander");
      const start = await headOf(journal);
      const reading = journal.read("alexander", start, ALL);
      const appending = append(journal, "alexander");
      const [during] = await appending;
      const { entries, next } = await reading;
      const rest = await journal.read("alexander", next, ALL);
      assertEquals([...entries, ...rest.entries].map(numberOf), [during]);
      assertEquals(offered, [during]);
    },
  );

  test("skips nothing when it is read while more is appended", {}, async ({ journal }) => {
    const start = await headOf(journal);
    const appended: number[] = [];
    let isDone = false;
    async function appendAll() {
      for (let round = 0; round < 60; round++) {
        appended.push(...await append(journal, "alexander", null, "alexander"));
      }
      isDone = true;
    }
    const appending = appendAll();
    const numbers: number[] = [];
    let after = start;
    while (!isDone) {
      const page = await journal.read("alexander", after, ALL);
      numbers.push(...numbersOf(page));
      after = page.next;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await appending;
    numbers.push(...await readAll(journal, "alexander", { after, entries: 100 }));
    assertEquals(numbers, appended);
  });

  test(
    "neither loses nor repeats nor reorders entries, whatever is appended and however it is paged",
    {},
    async () => {
      const target = fc.constantFrom("alexander", "burr", null);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(target, { maxLength: 6 }), { maxLength: 12 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 8 }),
          async (batches, entries, perTarget) => {
            const journal = await create(
              { offer: () => true, gap: () => {} },
              { ...AMPLE, perTarget },
              Date.now,
            );
            const start = await headOf(journal);
            const kept = new Map<string | null, number[]>([["alexander", []], ["burr", []], [null, []]]);
            for (const batch of batches) {
              const numbers = await append(journal, ...batch);
              for (const [index, target] of batch.entries()) kept.get(target)?.push(numbers[index] ?? NaN);
            }
            for (const reader of ["alexander", "burr"]) {
              const own = kept.get(reader) ?? [], everyones = kept.get(null) ?? [];
              const expected = [...own.slice(-perTarget), ...everyones.slice(-perTarget)].sort((a, b) =>
                a - b
              );
              assertEquals(await readAll(journal, reader, { after: start, entries }), expected);
              const { complete } = await journal.read(reader, start, ALL);
              if (own.length > perTarget || everyones.length > perTarget) assert(!complete);
              else if ([...kept.values()].every(({ length }) => length <= perTarget)) assert(complete);
            }
            await journal.close();
          },
        ),
        { numRuns: 100 },
      );
    },
  );
}
