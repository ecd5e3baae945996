/** The errors of JetStream that Tidings handles, recognised by their codes. */

import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";

export const STREAM_NOT_FOUND = 10_059;
/** A stream has no room for the message, and discards no other ones. */
export const STREAM_FULL = 10_077;
/** The message to delete is not there; the servers of different versions, and of a cluster, give different errors. */
export const MESSAGE_NOT_FOUND: readonly number[] = [10_037, 10_043, 10_057];
/** A message with the same id is being stored. */
export const IN_PROCESS = 10_158;

/** True if the server answered with the error of this code. */
export function isApiError(error: unknown, code: number): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code === code;
}

const WRONG_LAST_SEQUENCES = [10_071, 10_164]; // NATS 2.12 uses the second while an earlier message is not stored yet

/** True if a publish that expected a last sequence number came too late: something else was published before it. */
export function isSequenceConflict(error: unknown): boolean {
  return WRONG_LAST_SEQUENCES.some((code) => isApiError(error, code));
}

/**
 * True if nothing subscribes to the subject of a request. The library concludes that the server has no JetStream. But
 * the stream may have no leader at the moment, or this server may not know the new leader yet.
 */
export function isNoResponders(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof errors.RequestError && cause.isNoResponders();
}
