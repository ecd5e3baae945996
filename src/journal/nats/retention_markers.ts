/** Markers: messages that are stored at intervals, so that the oldest one shows how far back the stream goes. */

import type { NatsLink } from "../../nats/link.ts";
import type { Retention } from "../journal.ts";
import type { StampedNumber } from "./stamp.ts";
import { type StoredMarker, storeMarker } from "./store_marker.ts";

export interface RetentionMarkersOptions {
  readonly stream: string;
  readonly retention: Retention;
  /** The stamp of a stored message; undefined if it is not there any more. */
  stampAt(sequence: number): Promise<string | undefined>;
  /** Called with the marker of each interval. */
  onMarker(marker: StampedNumber): void;
}

const SHARE_OF_RETENTION = 1 / 60;
const MIN_INTERVAL_MS = 1_000;
const FENCE = "fence-";

/** True if this is the subject of a fence. */
export function isFence(subject: string): boolean {
  return subject.slice(subject.lastIndexOf(".") + 1).startsWith(FENCE);
}

/**
 * A connection that resumes compares its position with the oldest message in the stream, to learn whether the retention
 * removed some of what it missed. Without markers, notifications that were replaced by a newer one of their topic
 * would look as if the retention had removed them.
 *
 * Some markers are fences. A node stores a fence before anything else when it starts, when it connects to NATS again, and
 * when the stream has gone back. So if a store was rolled back, a fence comes before everything new that it takes.
 */
export class RetentionMarkers {
  readonly #link: NatsLink;
  readonly #options: RetentionMarkersOptions;
  readonly #intervalMs: number;
  #slot: number | undefined;
  #fence: Promise<void> | undefined; // since the stream may have gone back

  constructor(link: NatsLink, options: RetentionMarkersOptions) {
    this.#link = link;
    this.#options = options;
    this.#intervalMs = Math.max(MIN_INTERVAL_MS, options.retention.seconds * 1000 * SHARE_OF_RETENTION);
  }

  /** Publishes the marker that is due, if any. */
  async ensure(now: number): Promise<void> {
    if (this.#fence === undefined || this.#slotAt(now) !== this.#slot) await this.publish(now);
  }

  /** Publishes a marker in any case. When the leader acks it, it has processed everything that was sent before. */
  async publish(now: number): Promise<void> {
    if (this.#fence !== undefined) return await this.#publishMarker(now);
    const fence = this.#fence = this.#publishFence(now);
    fence.catch(() => {
      if (this.#fence === fence) this.#fence = undefined;
    });
    await fence;
  }

  /** Publishes a marker of its own, and resolves with its number: everything that was sent before has a lower one. */
  async publishNext(now: number): Promise<number> {
    await this.ensure(now); // a fence comes before everything else
    return (await this.#store(crypto.randomUUID(), now)).marker.sequence;
  }

  /** Call this when the stream may have gone back: before anything else, this node publishes a fence again. */
  forget(): void {
    this.#slot = this.#fence = undefined;
  }

  async #publishFence(now: number): Promise<void> {
    const { marker } = await this.#store(`${FENCE}${crypto.randomUUID()}`, now);
    this.#slot = this.#slotAt(now);
    this.#options.onMarker(marker);
  }

  async #publishMarker(now: number): Promise<void> {
    const slot = this.#slotAt(now);
    const { marker: { sequence, stamp: own }, duplicate } = await this.#store(String(slot), now);
    if (this.#slot === slot) return;
    const stamp = duplicate ? await this.#options.stampAt(sequence) : own; // another node may have stored the marker
    this.#slot = slot;
    if (stamp !== undefined) this.#options.onMarker({ sequence, stamp });
  }

  #store(token: string, now: number): Promise<StoredMarker> {
    return storeMarker(this.#link, { stream: this.#options.stream, token, id: token, now });
  }

  #slotAt(now: number): number {
    return Math.floor(now / this.#intervalMs);
  }
}
