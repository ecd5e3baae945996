/** Publishes a message that is stored once, however often it is published. */

import type { PubAck } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/nats-core";
import { IN_PROCESS, isApiError } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";

export interface UniqueMessage {
  readonly subject: string;
  readonly payload: Uint8Array | string;
  /** The message id by which NATS recognises a repeat. */
  readonly id: string;
  readonly headers?: MsgHdrs;
}

const RETRY_MS = 20;
const ATTEMPTS = 25;

/**
 * Resolves with the ack, whose `duplicate` says whether the message was stored before. While the first of two equal
 * messages is being replicated, NATS does not know yet whether it will be stored. NATS 2.10 then acks the second one
 * with sequence number 0, and later versions refuse it, so it is published again until the outcome is known.
 */
export async function publishOnce({ jetstream }: NatsLink, message: UniqueMessage): Promise<PubAck> {
  const { subject, payload, id: msgID, headers } = message;
  const options = headers === undefined ? { msgID } : { msgID, headers };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const ack = await jetstream.publish(subject, payload, options);
      if (ack.seq > 0) return ack;
    } catch (error) {
      if (!isApiError(error, IN_PROCESS)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error(
    `NATS did not confirm within ${ATTEMPTS * RETRY_MS} ms that it stored the message ${msgID}`,
  );
}
