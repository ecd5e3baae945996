/** Patience: asks NATS again while its servers have no leader, as when they have just started or one has ended. */

import { errors } from "@nats-io/nats-core";
import { isApiError } from "./api_error.ts";

const LONGEST_MS = 18_000; // a leader is chosen in 4 to 9 s, and sometimes at the second attempt
const PAUSE_MS = 100;
const NO_LEADER = 10_008;

/** What is asked is never answered, or refused for now: it has to be asked again. */
export function isUnled(error: unknown): boolean {
  return error instanceof errors.TimeoutError || isApiError(error, NO_LEADER);
}

/** The answer, once there is one. Rejects with any other error at once, and with what passes too late. */
export async function patiently<T>(ask: () => Promise<T>, passes = isUnled): Promise<T> {
  const deadline = Date.now() + LONGEST_MS;
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (!passes(cause)) throw cause;
      if (Date.now() >= deadline) {
        throw new Error(`NATS has no leader, or does not answer: ${cause}`, { cause });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
