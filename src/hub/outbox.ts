/** An outbox: what waits for one connection between the hub and its write pump, and whether that is all there is. */

import { Channel } from "../async/channel.ts";

/** What the hub knows of a notification. */
export interface Notification {
  readonly id: string;
  /** Null is everyone. */
  readonly target: string | null;
  /** Its place in the journal: text that sorts in the order of the journal. */
  readonly position: string;
  /** Its number in the order of the journal, where that is known. */
  readonly sequence?: number;
  /** As browsers get it, and how long that is in UTF-8. */
  readonly text: string;
  readonly bytes: number;
}

const MAX_WAITING = 16_384; // only very small notifications get there before the limit in bytes

/**
 * Live: what the hub offers waits here for the write pump. Behind: the write pump reads the journal after
 * `beginPage()`, page by page. What is offered while a page is read waits too, and follows it if it was the last:
 * then the outbox is live. Otherwise it is dropped, for the next page has it. An outbox starts behind. Either way
 * the write pump gets everything in the order of positions, and nothing twice.
 */
export class Outbox {
  readonly #waiting = new Channel<Notification>(MAX_WAITING);
  readonly #maxBytes: number;
  readonly #fellBehind: () => void;
  #bytes = 0;
  #live = false;
  #reading = false; // a page, and nothing of what was offered since has been dropped
  #newest = ""; // of all that was offered or read
  #position: string | null; // of what the write pump got last

  /**
   * @param after where the stream starts; null is the head of the journal when the first page is read
   * @param fellBehind told each time that it was live and is not any more
   */
  constructor(
    after: string | null,
    { maxBytes, fellBehind = () => {} }: { maxBytes: number; fellBehind?: () => void },
  ) {
    this.#position = after;
    this.#maxBytes = maxBytes;
    this.#fellBehind = fellBehind;
  }

  get live(): boolean {
    return this.#live;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Of what waits, in UTF-8 with a comma after each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of what the write pump got last; at first, where the stream starts. */
  get position(): string | null {
    return this.#position;
  }

  /** Takes a notification or leaves it to the journal; what doesn't fit makes it fall behind. True: flush. */
  offer(notification: Notification): boolean {
    if (!(this.#live || this.#reading) || notification.position <= this.#newest) return false;
    const bytes = this.#bytes + notification.bytes + 1; // and a comma
    if ((bytes > this.#maxBytes && this.size > 0) || !this.#waiting.trySend(notification)) {
      return this.fallBehind();
    }
    this.#bytes = bytes;
    this.#newest = notification.position;
    return this.#live && this.size === 1; // a larger outbox was announced before
  }

  /** Of what waits, oldest first, as much as fits into a frame of so many bytes; one at least, if there is one. */
  take(frameBytes: number): readonly Notification[] {
    const taken = this.#remove(this.#countFor(frameBytes));
    this.#position = taken.at(-1)?.position ?? this.#position;
    return taken;
  }

  /** Some may be missing here: from now on the journal has to be read. True, for the write pump is to flush. */
  fallBehind(): boolean {
    if (this.#live) this.#fellBehind();
    this.#live = this.#reading = false;
    this.#remove(this.size);
    return true;
  }

  /** The position after which the write pump is to read its next page. */
  beginPage(): string | null {
    this.#reading = true;
    return this.#position;
  }

  /** The page that was begun is read. No await may come between this and taking over what it holds. */
  endPage(page: { readonly next: string; readonly more: boolean }): void {
    this.#live = this.mayTurnLive(page, { tornMeanwhile: !this.#reading });
    this.#reading = false;
    const following = this.#live ? this.#waiting.peek().filter(({ position }) => position > page.next) : [];
    this.#remove(this.size - following.length);
    this.#newest = following.at(-1)?.position ?? page.next;
    this.#position = page.next;
  }

  /** If something was dropped while the page was read, it may be in the page or not: only another one tells. */
  protected mayTurnLive(
    { more }: { readonly more: boolean },
    { tornMeanwhile }: { tornMeanwhile: boolean },
  ): boolean {
    return !more && !tornMeanwhile;
  }

  #remove(count: number): readonly Notification[] {
    const removed = this.#waiting.drain(count);
    for (const { bytes } of removed) this.#bytes -= bytes + 1;
    return removed;
  }

  #countFor(frameBytes: number): number {
    if (this.#bytes < frameBytes) return this.size; // with the commas, and a bracket more than the last one's
    let room = frameBytes - 1;
    const count = this.#waiting.peek().findIndex(({ bytes }) => (room -= bytes + 1) < 0);
    return Math.max(count, 1);
  }
}
