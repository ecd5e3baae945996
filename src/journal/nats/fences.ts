/** The fences of the stream, by which a position is recognised whose message is not stored any more. */

import { headers } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { nextMessage } from "../../nats/next_message.ts";
import { isFence } from "./retention_markers.ts";
import { isLater, type StampedNumber, stampOf } from "./stamp.ts";
import { markerSubject } from "./store_marker.ts";

export class Fences {
  readonly #link: NatsLink;
  readonly #stream: string;
  #known: StampedNumber[] = []; // in the order of the stream
  #through = 0; // all markers up to this number are known
  #reading: Promise<void> | undefined;

  constructor(link: NatsLink, stream: string) {
    this.#link = link;
    this.#stream = stream;
  }

  /**
   * Resolves to true if there is a fence before the message that was published after it. The message is then from a
   * future that the stream has lost, because a fence is older than what follows it.
   */
  async contradict({ sequence, stamp }: StampedNumber): Promise<boolean> {
    await (this.#reading ??= this.#readOn().finally(() => this.#reading = undefined));
    const last = this.#known.findLast((fence) => fence.sequence <= sequence);
    return last !== undefined && isLater(last.stamp, stamp);
  }

  /** Call this when the stream may have other messages under the same numbers. */
  forget(): void {
    this.#known = [];
    this.#through = 0;
    this.#reading = undefined;
  }

  async #readOn(): Promise<void> {
    const known = this.#known; // another list after `forget`
    const query = { stream: this.#stream, subject: markerSubject(this.#stream, "*") };
    for (let from = this.#through + 1;;) {
      const marker = await nextMessage(this.#link, { ...query, from });
      if (marker === null || known !== this.#known) return;
      const { seq: sequence, subject, header = headers() } = marker;
      if (isFence(subject)) known.push({ sequence, stamp: stampOf(header) });
      this.#through = sequence;
      from = sequence + 1;
    }
  }
}
