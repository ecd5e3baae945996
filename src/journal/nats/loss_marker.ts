/** LossMarker: a message in the stream which says that something is lost that the stream held before. */

import type { Subscription } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { markerSubject, storeMarker } from "./store_marker.ts";

const TOKEN = "loss";

/**
 * Nothing in a stream that was rolled back shows a loss to a connection that was away for all of the time that is lost: its
 * position is older. So the nodes that notice the rollback store a marker, and whoever resumes from before it may have
 * missed something. The stream keeps it as long as any message. A connection that was away for longer is incomplete anyway.
 *
 * Other nodes may have seen nothing of what is lost. They learn of the marker when it is stored.
 */
export class LossMarker implements Disposable {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #news: Subscription;
  #sequence: Promise<number> | undefined;

  constructor(link: NatsLink, stream: string) {
    this.#link = link;
    this.#stream = stream;
    this.#news = link.connection.subscribe(newsSubject(stream), { callback: () => this.forget() });
  }

  /** Resolves with the number of the latest marker. 0: there is none. */
  sequence(): Promise<number> {
    if (this.#sequence !== undefined) return this.#sequence;
    const sequence = this.#sequence = this.#read();
    sequence.catch(() => {
      if (this.#sequence === sequence) this.#sequence = undefined;
    });
    return sequence;
  }

  async publish(now: number): Promise<void> {
    const id = `${TOKEN}.${crypto.randomUUID()}`;
    const { marker } = await storeMarker(this.#link, { stream: this.#stream, token: TOKEN, id, now });
    this.#sequence = Promise.resolve(marker.sequence);
    this.#link.connection.publish(newsSubject(this.#stream));
  }

  /** Call this when the stream may have other messages under the same numbers. */
  forget(): void {
    this.#sequence = undefined;
  }

  [Symbol.dispose](): void {
    if (!this.#link.connection.isClosed()) this.#news.unsubscribe();
  }

  async #read(): Promise<number> {
    const query = { last_by_subj: markerSubject(this.#stream, TOKEN) };
    return (await this.#link.manager.streams.getMessage(this.#stream, query))?.seq ?? 0;
  }
}

/** Unlike the subject of the marker, the stream does not store it. */
function newsSubject(stream: string): string {
  return `${stream}.loss`;
}
