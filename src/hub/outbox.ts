/** An outbox: what waits for one connection between the hub and its write pump, and whether that is all there is. */

import { Channel } from "../channel/channel.ts";

/** What the hub knows of a notification. */
export interface Notification {
  /** Null is everyone. */
  readonly target: string | null;
  /** Its place in the journal: text that sorts in the order of the journal. */
  readonly position: string;
  /** As browsers get it, and how long that is in UTF-8. */
  readonly text: string;
  readonly bytes: number;
}

const MOST_WAITING = 16_384; // only very small notifications get there before the limit in bytes

/**
 * Live: what the hub offers waits here for the write pump. Behind: nothing is kept, for the write pump reads the
 * journal after `beginPage()`, page by page, until the outbox turns live. It starts behind. Either way the write
 * pump gets everything in the order of positions, and nothing twice.
 */
export class Outbox {
  readonly #waiting = new Channel<Notification>(MOST_WAITING);
  readonly #mostBytes: number;
  #bytes = 0;
  #live = false;
  #offeredMeanwhile = false;
  #newest = ""; // of all that was offered or read
  #position: string | null; // of all that the write pump got

  /** @param after where the stream starts; null is the head of the journal when the first page is read */
  constructor(after: string | null, { mostBytes }: { mostBytes: number }) {
    this.#position = after;
    this.#mostBytes = mostBytes;
  }

  get live(): boolean {
    return this.#live;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a notification, if live; what doesn't fit makes it fall behind. True if the write pump is to flush. */
  offer(notification: Notification): boolean {
    if (!this.#live) this.#offeredMeanwhile = true;
    if (!this.#live || notification.position <= this.#newest) return false;
    const bytes = this.#bytes + notification.bytes + 1; // and a comma
    if ((bytes > this.#mostBytes && this.size > 0) || !this.#waiting.trySend(notification)) {
      return this.fallBehind();
    }
    this.#bytes = bytes;
    this.#newest = notification.position;
    return this.size === 1; // a larger outbox was announced before
  }

  /** The texts of what waits, oldest first, as fit into a frame of so many bytes; one at least, if there is one. */
  take(frameBytes: number): string[] {
    const texts: string[] = [];
    for (const { text, bytes, position } of this.#waiting.drain(this.#countFor(frameBytes))) {
      texts.push(text);
      this.#bytes -= bytes + 1;
      this.#position = position;
    }
    return texts;
  }

  /** Some may be missing here: from now on the journal has to be read. True, for the write pump is to flush. */
  fallBehind(): boolean {
    this.#live = false;
    this.#offeredMeanwhile = true;
    this.#waiting.drain();
    this.#bytes = 0;
    return true;
  }

  /** The position after which the write pump is to read its next page. */
  beginPage(): string | null {
    this.#offeredMeanwhile = false;
    return this.#position;
  }

  /** The page that was begun is read. No await may come between this and taking over what it holds. */
  endPage(page: { readonly next: string; readonly more: boolean }): void {
    this.#position = this.#newest = page.next;
    this.#live = this.mayTurnLive(page, this.#offeredMeanwhile);
  }

  /** What came while the page was read may be in it or not: only another page tells. */
  protected mayTurnLive({ more }: { readonly more: boolean }, offeredMeanwhile: boolean): boolean {
    return !more && !offeredMeanwhile;
  }

  #countFor(frameBytes: number): number {
    if (this.#bytes < frameBytes) return this.size; // with the commas, and a bracket more than the last one's
    let room = frameBytes - 1;
    const count = this.#waiting.peek().findIndex(({ bytes }) => (room -= bytes + 1) < 0);
    return Math.max(count, 1);
  }
}
