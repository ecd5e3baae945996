/** Retries a request while the NATS servers form their cluster: after a start, or after one of them has ended. */

import { errors } from "@nats-io/nats-core";
import { isApiError } from "./api_error.ts";

const MAX_MS = 18_000; // an election takes 4 to 9 s, and sometimes needs a second attempt
const PAUSE_MS = 100;
const NO_LEADER = 10_008;
const NO_PEERS = 10_005; // the leader knows too few servers; permanent if the cluster really has too few

/** True if the request got no answer, or was refused only for now. */
export function isUnready(error: unknown): boolean {
  return error instanceof errors.TimeoutError || isApiError(error, NO_LEADER) || isApiError(error, NO_PEERS);
}

/** Rejects at once with an error that is not temporary, and after 18 s with the last one that is. */
export async function retryUntilReady<T>(request: () => Promise<T>, isTemporary = isUnready): Promise<T> {
  const deadline = Date.now() + MAX_MS;
  for (;;) {
    try {
      return await request();
    } catch (cause) {
      if (!isTemporary(cause)) throw cause;
      if (Date.now() >= deadline) {
        throw new Error(`NATS has not been ready for ${MAX_MS / 1000} s: ${cause}`, { cause });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
