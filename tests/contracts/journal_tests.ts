/** Registers tests of a journal: each opens one of its own, and closes it. */

import type { Entry, Feed, Journal, Retention } from "../../src/journal/journal.ts";

/** Creates an empty journal. Its clock, in milliseconds since 1970, moves only when a test moves it. */
export type CreateJournal = (feed: Feed, retention: Retention, now: () => number) => Promise<Journal>;

/** Registers a test, or skips it where a program that it needs is missing. */
export type RegisterTest = (name: string, test: () => Promise<void>) => void;

/** What a test works with. */
export interface Fixture<Offered> {
  readonly journal: Journal;
  /** What the feed was offered. */
  readonly offered: Offered[];
  readonly clock: { now: number };
}

export interface JournalTestsOptions<Offered> {
  readonly create: CreateJournal;
  readonly register: RegisterTest;
  /** The retention, where a test does not say another. */
  readonly retention: Retention;
  /** What a test wants to know of an entry that the feed was offered. */
  readonly recorded: (entry: Entry) => Offered;
}

/** Registers a test of a behaviour, with a retention of its own where it gives one. */
export type TestJournal<Offered> = (
  behaviour: string,
  retention: Partial<Retention>,
  run: (fixture: Fixture<Offered>) => Promise<void>,
) => void;

/** Returns a function that registers tests of a journal. */
export function journalTests<Offered>(
  name: string,
  { create, register, retention: ample, recorded }: JournalTestsOptions<Offered>,
): TestJournal<Offered> {
  return function test(behaviour, retention, run) {
    register(`${name} ${behaviour}`, async () => {
      const offered: Offered[] = [];
      const clock = { now: Date.UTC(1804, 6, 11, 7) };
      const feed = { offer: (entry: Entry) => offered.push(recorded(entry)) > 0, gap: () => {} };
      const journal = await create(feed, { ...ample, ...retention }, () => clock.now);
      try {
        await run({ journal, offered, clock });
      } finally {
        await journal.close();
      }
    });
  };
}
