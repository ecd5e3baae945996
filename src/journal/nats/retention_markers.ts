/** Markers: messages that are stored at intervals, so that the oldest one shows how far back the stream goes. */

import type { NatsLink } from "../../nats/link.ts";
import type { Retention } from "../journal.ts";
import { publishOnce } from "./publish_once.ts";

export interface RetentionMarkersOptions {
  readonly stream: string;
  readonly retention: Retention;
}

const SHARE_OF_RETENTION = 1 / 60;
const MIN_INTERVAL_MS = 1_000;

/**
 * A connection that resumes compares its position with the oldest message in the stream, to learn whether the retention
 * removed some of what it missed. Without markers, notifications that were replaced by a newer one of their topic
 * would look as if the retention had removed them.
 */
export class RetentionMarkers {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #intervalMs: number;
  #slot: number | undefined;

  constructor(link: NatsLink, { stream, retention }: RetentionMarkersOptions) {
    this.#link = link;
    this.#stream = stream;
    this.#intervalMs = Math.max(MIN_INTERVAL_MS, retention.seconds * 1000 * SHARE_OF_RETENTION);
  }

  /** Publishes the marker of the current interval, unless this node already did. */
  async ensure(now: number): Promise<void> {
    if (this.#slotAt(now) !== this.#slot) await this.publish(now);
  }

  /** Publishes it in any case. When the leader acks it, the leader has processed everything that was sent before. */
  async publish(now: number): Promise<void> {
    const slot = this.#slotAt(now);
    const id = `mark.${slot}`;
    await publishOnce(this.#link, { subject: `${this.#stream}.${id}`, payload: "", id });
    this.#slot = slot;
  }

  #slotAt(now: number): number {
    return Math.floor(now / this.#intervalMs);
  }
}
