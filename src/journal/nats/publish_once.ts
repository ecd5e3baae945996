/** Publishing once: what has a message id is stored once, however often it is published. */

import type { PubAck } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/nats-core";
import { isApiError } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";

/** What is published, and by which id it is known. */
export interface StreamPublish {
  readonly subject: string;
  readonly payload: Uint8Array | string;
  readonly id: string;
  readonly headers?: MsgHdrs;
}

const IN_PROCESS = 10_158;
const AGAIN_MS = 20;
const ATTEMPTS = 25;

/**
 * The ack, which says whether it was stored before. While the first of two is on its way to the other servers, nobody
 * knows yet whether it will be stored: of the second, NATS 2.10 says that it is, at 0, and later ones refuse it.
 */
export async function publishOnce({ jetstream }: NatsLink, once: StreamPublish): Promise<PubAck> {
  const { subject, payload, id: msgID, headers } = once;
  const options = headers === undefined ? { msgID } : { msgID, headers };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const ack = await jetstream.publish(subject, payload, options);
      if (ack.seq > 0) return ack;
    } catch (error) {
      if (!isApiError(error, IN_PROCESS)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  throw new Error(`NATS has not said for ${ATTEMPTS * AGAIN_MS} ms whether it has stored ${msgID}`);
}
