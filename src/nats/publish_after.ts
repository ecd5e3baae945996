/** Publishes a message only if it follows the latest message of its subject that the node knows. */

import type { MsgHdrs } from "@nats-io/nats-core";
import { IN_PROCESS, isApiError, isSequenceConflict } from "./api_error.ts";
import type { NatsLink } from "./link.ts";

const RECORD_BYTES = 34; // of a message with headers, besides these, the subject and the payload
const HEADER_BYTES = "NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 0\r\n\r\n".length;

/** A message that was made from the latest one of its subject. */
export interface DependentMessage {
  readonly subject: string;
  readonly payload: Uint8Array | string;
  readonly headers?: MsgHdrs;
  /** The sequence number of the latest message; 0 if there is none. */
  readonly last: number;
}

/**
 * Resolves with the sequence number, or null if another message followed the latest one first, or may be about to.
 *
 * Where servers compare the sequence number too early, the message gets an id, because ids are compared when the order
 * is certain. Messages that follow none need no id, because 0 is compared then too. Nowhere else: the server remembers
 * an id for up to 24 hours, in 1.5 KB.
 */
export async function publishAfter(
  { jetstream, comparesEarly }: NatsLink,
  { subject, payload, headers, last }: DependentMessage,
): Promise<number | null> {
  try {
    const ack = await jetstream.publish(subject, payload, {
      expect: { lastSubjectSequence: last },
      ...headers === undefined ? {} : { headers },
      ...last === 0 || !comparesEarly ? {} : { msgID: `${subject} after ${last}` },
    });
    return ack.duplicate || ack.seq === 0 ? null : ack.seq;
  } catch (error) {
    if (isSequenceConflict(error) || isApiError(error, IN_PROCESS)) return null;
    throw error;
  }
}

/** How many bytes a message takes in a stream if it follows none and has no headers of its own. */
export function messageBytes(subject: string, payloadBytes: number): number {
  return RECORD_BYTES + HEADER_BYTES + subject.length + payloadBytes;
}
