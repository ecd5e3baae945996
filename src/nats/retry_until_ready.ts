/** Patience: asks NATS again while its servers come together, as when they have just started or one has ended. */

import { errors } from "@nats-io/nats-core";
import { isApiError } from "./api_error.ts";

const MAX_MS = 18_000; // a leader is chosen in 4 to 9 s, and sometimes at the second attempt
const PAUSE_MS = 100;
const NO_LEADER = 10_008;
const NO_PEERS = 10_005; // the leader has not heard of as many servers as are needed; for ever, if there are not as many

/** What is asked is never answered, or refused for now: it has to be asked again. */
export function isUnready(error: unknown): boolean {
  return error instanceof errors.TimeoutError || isApiError(error, NO_LEADER) || isApiError(error, NO_PEERS);
}

/** The answer, once there is one. Rejects with any other error at once, and with what passes too late. */
export async function retryUntilReady<T>(ask: () => Promise<T>, passes = isUnready): Promise<T> {
  const deadline = Date.now() + MAX_MS;
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (!passes(cause)) throw cause;
      if (Date.now() >= deadline) {
        throw new Error(`NATS has not been ready for ${MAX_MS / 1000} s: ${cause}`, { cause });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
