/** What a JetStream server says when it does not do what it was asked to. */

import { JetStreamApiError } from "@nats-io/jetstream";

export const STREAM_NOT_FOUND = 10_059;

/** True: the server did answer, and this is what it says. */
export function isApiError(error: unknown, code: number): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code === code;
}
