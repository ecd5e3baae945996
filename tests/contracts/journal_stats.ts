/** The contract of what all journals say about themselves, as tests. The test file of each adapter runs them. */

import { assert, assertEquals } from "@std/assert";
import type { Draft, Journal, Retention } from "../../src/journal/journal.ts";
import { eventually } from "../eventually.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { type CreateJournal, journalTests, type RegisterTest } from "./journal_tests.ts";

const AMPLE: Retention = { seconds: 3_600, perTarget: 1_000, bytes: 16 * 1024 * 1024 };
const MAX_MARKERS = 3; // of the NATS journal, which counts them as entries

let drafts = 0;

function someDrafts(count: number, more: Partial<Draft> = {}): Draft[] {
  return Array.from(
    { length: count },
    () => ({ id: `id-${++drafts}`, target: "alexander", data: '"Hello"', ...PLAIN_DRAFT, ...more }),
  );
}

/** Resolves when the journal says that it keeps so many entries, apart from markers. */
async function keeps(journal: Journal, count: number): Promise<void> {
  await eventually(() => {
    const { entries } = journal.stats();
    return entries >= count && entries <= count + MAX_MARKERS;
  }, `${count} entries`);
}

function evictedBy(journal: Journal): number {
  return Object.values(journal.stats().evicted).reduce((sum, count) => sum + count, 0);
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function journalStatsContract(
  name: string,
  create: CreateJournal,
  register: RegisterTest = Deno.test,
): void {
  const test = journalTests(name, { create, register, retention: AMPLE, recorded: ({ bytes }) => bytes });

  test("says how many entries it keeps, how many bytes, and since when", {}, async ({ journal, offered }) => {
    await journal.follow("alexander");
    const before = journal.stats();
    assertEquals(evictedBy(journal), 0);
    await journal.append([...someDrafts(30), ...someDrafts(10, { target: null })]);
    await keeps(journal, 40);
    const { bytes, oldestAt } = journal.stats();
    const texts = offered.reduce((sum, length) => sum + length, 0);
    assertEquals(offered.length, 40);
    assert(bytes - before.bytes >= texts && bytes <= AMPLE.bytes, `${bytes} bytes`);
    await eventually(() => journal.stats().oldestAt !== null, "the time of the oldest entry");
    assert(oldestAt === null || Number.isFinite(oldestAt), `${oldestAt}`);
    assertEquals(evictedBy(journal), 0);
  });

  test("says what it has removed because a target had too many", { perTarget: 5 }, async ({ journal }) => {
    await journal.append(someDrafts(30));
    await keeps(journal, 5);
    assert(evictedBy(journal) >= 30 - 5 - 1, "NATS keeps one more"); // to notice that others are missing
  });

  test("says what newer ones have replaced", {}, async ({ journal }) => {
    for (let n = 0; n < 20; n++) await journal.append(someDrafts(1, { topic: "duel" }));
    await keeps(journal, 1);
    await eventually(() => evictedBy(journal) >= 19, "19 evictions");
    assertEquals(evictedBy(journal), 19);
  });

  test("says what it has removed to make room", { bytes: 64 * 1024 }, async ({ journal }) => {
    const data = JSON.stringify("x".repeat(4_000));
    for (let n = 0; n < 40; n++) await journal.append(someDrafts(1, { target: `target-${n}`, data }));
    await eventually(() => evictedBy(journal) >= 20 && journal.stats().entries <= 20, "evictions");
    assert(journal.stats().bytes <= 64 * 1024);
  });
}
