/** What a JetStream server says when it does not do what it was asked to. */

import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";

export const STREAM_NOT_FOUND = 10_059;

/** True: the server did answer, and this is what it says. */
export function isApiError(error: unknown, code: number): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code === code;
}

const WRONG_LAST_SEQUENCES = [10_071, 10_164]; // the second: what came first is not stored yet (NATS 2.12)

/** True: something else was published on the subject since what this was to follow. */
export function isOvertaken(error: unknown): boolean {
  return WRONG_LAST_SEQUENCES.some((code) => isApiError(error, code));
}

/**
 * True: nobody listens where it was published. The library takes that for a server without JetStream; but the stream may
 * have no leader, or this server has not heard of a new one yet.
 */
export function isUnheard(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof errors.RequestError && cause.isNoResponders();
}
