/** Finds messages that the consumer of the queue will never deliver, because it believes that it already did. */

import { nextMessage } from "../../nats/next_message.ts";
import type { NatsLink } from "../../nats/link.ts";
import { CONSUMER, queueSubject } from "./stream.ts";

/**
 * NATS stores a stream and its consumer separately. If the stream loses more in a power cut than the consumer does, it
 * gives sequence numbers a second time, and the consumer takes these messages as delivered (seen with NATS 2.9.10).
 */
export class SkippedMessages {
  readonly #link: NatsLink;
  readonly #stream: string;
  #suspect: number | undefined; // a message that was just acked may not be removed yet, so two checks must find it

  constructor(link: NatsLink, stream: string) {
    this.#link = link;
    this.#stream = stream;
  }

  /** Resolves to true if there are such messages, and there were at the last call. */
  async detected(): Promise<boolean> {
    const last = this.#suspect;
    this.#suspect = await this.#first();
    return this.#suspect !== undefined && this.#suspect === last;
  }

  /** Acked messages leave the queue, so none that is stored can be one of them. */
  async #first(): Promise<number | undefined> {
    const stream = this.#stream;
    const { delivered, ack_floor, num_ack_pending } = await this.#link.manager.consumers.info(
      stream,
      CONSUMER,
    );
    const oldest = await nextMessage(this.#link, { stream, subject: queueSubject(stream), from: 1 });
    const { stream_seq: ackedThrough } = num_ack_pending === 0 ? delivered : ack_floor;
    return oldest !== null && oldest.seq <= ackedThrough ? oldest.seq : undefined;
  }
}
