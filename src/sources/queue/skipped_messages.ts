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
  readonly #everyMs: number;
  #nextCheck = 0; // a time of performance.now()
  #suspect: number | undefined; // a message that was just acked may not be removed yet, so two checks must find it

  constructor(link: NatsLink, { stream, everyMs }: { stream: string; everyMs: number }) {
    this.#link = link;
    this.#stream = stream;
    this.#everyMs = everyMs;
  }

  /** Resolves to true if there are such messages. Checks only if the last check was long enough ago. */
  async detected(): Promise<boolean> {
    if (performance.now() < this.#nextCheck) return false;
    this.#nextCheck = performance.now() + this.#everyMs;
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
