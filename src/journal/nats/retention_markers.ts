/** Marks: what is stored now and then, by which one knows how far back the stream goes. */

import type { NatsLink } from "../../nats/link.ts";
import type { Retention } from "../journal.ts";
import { publishOnce } from "./publish_once.ts";

export interface RetentionMarkersOptions {
  readonly stream: string;
  readonly retention: Retention;
}

const SHARE_OF_THE_RETENTION = 1 / 60;
const MIN_MS = 1_000;

/**
 * Who was away knows by the oldest message in the stream whether some of before are gone for their age. Notifications
 * that a newer one of their topic replaced would look as if they were.
 */
export class RetentionMarkers {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #everyMs: number;
  #slot: number | undefined;

  constructor(link: NatsLink, { stream, retention }: RetentionMarkersOptions) {
    this.#link = link;
    this.#stream = stream;
    this.#everyMs = Math.max(MIN_MS, retention.seconds * 1000 * SHARE_OF_THE_RETENTION);
  }

  /** There is one of this time. */
  async keep(now: number): Promise<void> {
    if (this.#slotAt(now) !== this.#slot) await this.ask(now);
  }

  /** The same, asked of the leader of the stream in any case: it has heard then whatever was sent to it before. */
  async ask(now: number): Promise<void> {
    const slot = this.#slotAt(now);
    const id = `mark.${slot}`;
    await publishOnce(this.#link, { subject: `${this.#stream}.${id}`, payload: "", id });
    this.#slot = slot;
  }

  #slotAt(now: number): number {
    return Math.floor(now / this.#everyMs);
  }
}
