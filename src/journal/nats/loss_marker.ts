/** LossMarker: a message in the stream which says that something is lost that the stream held before. */

import { headers, type Subscription } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { publishOnce } from "./publish_once.ts";
import { setStamp } from "./stamp.ts";

/**
 * A stream that was rolled back shows a connection which was away for all of the time that is lost nothing of it: the
 * position of that connection is older. So the nodes that notice the rollback store a marker, and whoever resumes from
 * before it may have missed something. It is kept for as long as any message, and whoever was away for longer is told anyway.
 *
 * Other nodes may have seen nothing of what is lost. They are told of the marker when it is stored.
 */
export class LossMarker implements Disposable {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #subject: string;
  readonly #news: Subscription;
  #sequence: Promise<number> | undefined;

  constructor(link: NatsLink, stream: string) {
    this.#link = link;
    this.#stream = stream;
    this.#subject = `${stream}.mark.loss`;
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
    const header = headers();
    setStamp(header, now);
    const id = `mark.loss.${crypto.randomUUID()}`;
    const { seq } = await publishOnce(this.#link, {
      subject: this.#subject,
      payload: "",
      id,
      headers: header,
    });
    this.#sequence = Promise.resolve(seq);
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
    const query = { last_by_subj: this.#subject };
    return (await this.#link.manager.streams.getMessage(this.#stream, query))?.seq ?? 0;
  }
}

/** Unlike the subject of the marker, the stream does not store it. */
function newsSubject(stream: string): string {
  return `${stream}.loss`;
}
