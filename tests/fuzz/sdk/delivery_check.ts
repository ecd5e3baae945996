/** Checks what a page has received of one frame: everything that is new, once and in order. */

import { expect, fail } from "../violation.ts";
import type { Page } from "./page.ts";

/** The notifications of a frame. It is complete if all of it had to be delivered. */
export interface SentFrame {
  readonly keys: readonly string[];
  readonly isComplete: boolean;
}

/** @param options.before how many notifications the page had before the frame */
export function checkDelivery(
  { keys, isComplete }: SentFrame,
  { page, before }: { readonly page: Page; readonly before: number },
): void {
  const known = new Set(page.delivered.slice(0, before)), received = page.delivered.slice(before);
  const expected = [...new Set(keys.filter((key) => !known.has(key)))];
  // A listener may close the page in the middle, and a frame that is wrong ends the connection in the middle.
  const isWhole = isComplete && !page.isOver;
  const isPrefix = received.every((key, at) => key === expected[at]);
  if (!isPrefix) fail(`of ${keys}, the page has received ${received} instead of ${expected}`);
  expect(
    !isWhole || received.length === expected.length,
    () => `of ${keys}, the page has received only ${received}`,
  );
}
