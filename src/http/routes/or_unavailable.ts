/** Answers 503 for a store that cannot be reached at the moment. */

import { UnavailableError } from "../../journal/journal.ts";
import { unavailable } from "../../wire/problem.ts";

/** Resolves with what the store answers. Rejects with 503 and this detail if it rejects with `UnavailableError`. */
export async function orUnavailable<T>(answer: Promise<T>, detail: string): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof UnavailableError)) throw cause;
    throw unavailable(detail, { cause });
  }
}
