/** A journal for tests of the intake, whose appends are resolved or rejected by the test. */

import type { Draft, Receipt } from "../../src/journal/journal.ts";

/** For journals of tests in which nothing is marked. */
export function noMark(): Promise<never> {
  return Promise.reject(new Error("nothing is marked"));
}

/** A journal whose appends are resolved or rejected by the test. */
export class ManualJournal {
  readonly appends: { drafts: readonly Draft[]; answer: PromiseWithResolvers<readonly Receipt[]> }[] = [];

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const answer = Promise.withResolvers<readonly Receipt[]>();
    this.appends.push({ drafts, answer });
    return answer.promise;
  }

  mark = noMark;
}
