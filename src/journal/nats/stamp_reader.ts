/** Reads the stamps of stored messages from the leader of the stream. */

import { headers } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { NO_STAMP, type StampedNumber, stampOf } from "./stamp.ts";

export class StampReader {
  readonly #link: NatsLink;
  readonly #stream: string;
  #head: { readonly sequence: number; readonly stamp: Promise<string> } | undefined;

  constructor(link: NatsLink, stream: string) {
    this.#link = link;
    this.#stream = stream;
  }

  /** The stamp of the message with this number. Undefined if the stream does not have that message, or not any more. */
  async at(sequence: number): Promise<string | undefined> {
    if (!(sequence > 0)) return undefined; // NATS counts from 1
    const stored = await this.#link.manager.streams.getMessage(this.#stream, { seq: sequence });
    return stored === null ? undefined : stampOf(stored.header ?? headers());
  }

  /**
   * The head of the stream with its stamp. Many connections that start at the same head share a request. If the answer is
   * outdated because the stream was rolled back, a connection that returns with it gets `recovered: false`.
   */
  async head(sequence: number): Promise<StampedNumber> {
    if (this.#head?.sequence !== sequence) {
      const stamp = this.at(sequence).then((stamp = NO_STAMP) => stamp);
      const head = this.#head = { sequence, stamp };
      stamp.catch(() => {
        if (this.#head === head) this.#head = undefined;
      });
    }
    return { sequence, stamp: await this.#head.stamp };
  }

  /** Call this when the stream may have other messages under the same numbers. */
  forget(): void {
    this.#head = undefined;
  }
}
