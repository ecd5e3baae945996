/** StreamStats: what the stream of a NATS journal keeps, and how much it has removed, as of the latest check. */

import type { JournalStats } from "../journal_stats.ts";

/** What NATS says about a stream. */
export interface StreamContent {
  /** RFC 3339 */
  readonly created: string;
  readonly state: {
    readonly messages: number;
    readonly bytes: number;
    readonly last_seq: number;
    /** When the first message was stored, in RFC 3339. */
    readonly first_ts: string;
  };
}

export class StreamStats {
  #content: StreamContent;
  #evicted = 0;

  constructor(content: StreamContent) {
    this.#content = content;
  }

  /**
   * Takes the content at a later time. A sequence number without a message is one that was removed. If their number has
   * become smaller, or the stream is another one, nobody knows how many were removed in between.
   */
  update(content: StreamContent): void {
    const isSame = content.created === this.#content.created;
    if (isSame) this.#evicted += Math.max(0, removedFrom(content) - removedFrom(this.#content));
    this.#content = content;
  }

  get current(): JournalStats {
    const { messages: entries, bytes, first_ts } = this.#content.state;
    const oldestAt = entries === 0 ? null : Date.parse(first_ts);
    return { entries, bytes, oldestAt, evicted: { unknown: this.#evicted } };
  }
}

function removedFrom({ state: { last_seq, messages } }: StreamContent): number {
  return last_seq - messages;
}
