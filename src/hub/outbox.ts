/** An outbox: the notifications that wait for one connection between the hub and its write pump. */

import { Channel } from "../async/channel.ts";
import type { LateEntries } from "../journal/journal.ts";

/** What the hub knows of a notification, or of a mark. */
export interface Notification {
  /** Null: it is a mark of what the target has read, which nobody acks or counts. */
  readonly id: string | null;
  /** Null stands for everyone. */
  readonly target: string | null;
  /** The notification's place in the journal. Positions sort as text in the order of the journal. */
  readonly position: string;
  /** The number of the notification in the order of the journal, where that is known. */
  readonly sequence?: number;
  /** True if a push follows unless the target acks or reads the notification in time. */
  readonly hasPush?: boolean;
  /** The JSON that browsers receive. */
  readonly text: string;
  /** The length of `text` in UTF-8. */
  readonly bytes: number;
  /** The span that the delivery continues, as a `traceparent`. Missing unless spans are recorded. */
  readonly span?: string;
}

const MAX_WAITING = 16_384; // only very small notifications reach this before the limit in bytes

/**
 * An outbox is live or behind, and starts behind.
 *
 * While it is live, what the hub offers waits here for the write pump. While it is behind, the write pump reads the
 * journal page by page, from `beginPage()` to `endPage()`. What is offered while a page is being read waits as well.
 * If that page was the last, the outbox turns live and sends what waited after the page. Otherwise it drops what
 * waited, because the next page contains it. Either way the write pump gets everything in the order of positions,
 * and nothing twice.
 */
export class Outbox {
  readonly #waiting = new Channel<Notification>(MAX_WAITING);
  readonly #maxBytes: number;
  readonly #onFellBehind: () => void;
  #bytes = 0;
  #isLive = false;
  #isReading = false; // a page is being read, and nothing that was offered since has been dropped
  #newest = ""; // the highest position that was offered or read since the last page began
  #position: string | null; // the position of the last notification that the write pump took
  /** What came late, and up to where all others were taken. Undefined: nothing is sent a second time. */
  #gone: { readonly late: readonly LateEntries[]; readonly back: string } | undefined;
  #hasGoneBack = false; // since the last page began
  // What successive pages have contained, which lacks nothing. An object for the two would take 80 bytes a connection.
  #pagesFrom = "";
  #pagesTo = "";

  /**
   * @param after the position where the stream starts; null is the head of the journal at the first page
   * @param maxBytes how much may wait, in UTF-8 with a comma after each notification
   * @param onFellBehind called each time that the outbox was live and has fallen behind
   */
  constructor(
    after: string | null,
    { maxBytes, onFellBehind = () => {} }: { maxBytes: number; onFellBehind?: () => void },
  ) {
    this.#position = after;
    this.#maxBytes = maxBytes;
    this.#onFellBehind = onFellBehind;
  }

  get live(): boolean {
    return this.#isLive;
  }

  /** The number of notifications that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** The size of what waits, in UTF-8 with a comma after each notification. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The position of the last notification that the write pump took. At first, where the stream starts. */
  get position(): string | null {
    return this.#position;
  }

  /**
   * Takes a notification, or leaves it to the journal. The outbox falls behind if the notification does not fit.
   * Returns true if the write pump has to be flushed.
   */
  offer(notification: Notification): boolean {
    if (!(this.#isLive || this.#isReading) || notification.position <= this.#newest) return false;
    const bytes = this.#bytes + notification.bytes + 1; // with a comma
    if ((bytes > this.#maxBytes && this.size > 0) || !this.#waiting.trySend(notification)) {
      return this.fallBehind();
    }
    this.#bytes = bytes;
    this.#newest = notification.position;
    return this.#isLive && this.size === 1; // for a larger outbox, an earlier offer returned true
  }

  /** Takes the oldest notifications that fit into a frame of `frameBytes`: at least one, if there is one. */
  take(frameBytes: number): readonly Notification[] {
    const taken = this.#remove(this.#countFor(frameBytes));
    this.#position = taken.at(-1)?.position ?? this.#position;
    return taken;
  }

  /**
   * Makes the write pump read the journal, because notifications may be missing here. Returns true: flush.
   *
   * @param late notifications that may be missing although the write pump took later ones: it goes back for them
   */
  fallBehind(late: readonly LateEntries[] = []): boolean {
    if (this.#isLive) this.#onFellBehind();
    this.#isLive = this.#isReading = false;
    this.#remove(this.size);
    for (const one of late) this.#goBackFor(one);
    return true;
  }

  /** Returns what the connection was not sent yet. That is everything, unless the outbox has gone back. */
  unsent<N extends Notification>(page: readonly N[]): readonly N[] {
    const gone = this.#gone;
    if (gone === undefined) return page;
    return page.filter((one) => one.position > gone.back || gone.late.some((late) => isOf(late, one)));
  }

  /**
   * Begins a page, and returns the position after which the write pump has to read it. A journal that was rolled back
   * offers positions below those that it offered before, so what came before the page says nothing about what follows.
   */
  beginPage(): string | null {
    this.#isReading = true;
    this.#hasGoneBack = false;
    this.#newest = "";
    return this.#position;
  }

  /**
   * Ends the page that was begun. The caller must take over the page's notifications without an await in between.
   *
   * If a notification was dropped while the page was being read, the page may contain it or not. Only another page
   * can tell, so the outbox stays behind.
   */
  endPage(page: { readonly next: string; readonly more: boolean }): void {
    this.#isLive = !page.more && this.#isReading;
    this.#isReading = false;
    const following = this.#isLive ? this.#waiting.peek().filter(({ position }) => position > page.next) : [];
    this.#remove(this.size - following.length);
    this.#newest = following.at(-1)?.position ?? page.next;
    if (this.#gone !== undefined && this.#hasGoneBack) {
      this.#gone = { ...this.#gone, back: later(this.#gone.back, page.next) };
      return;
    }
    const from = this.#position ?? page.next;
    if (from !== this.#pagesTo) this.#pagesFrom = from;
    this.#pagesTo = page.next;
    this.#position = page.next;
    if (this.#gone !== undefined && page.next >= this.#gone.back) this.#gone = undefined;
  }

  #goBackFor(late: LateEntries): void {
    if (this.#position === null || this.#position < late.from) return; // the next page has them
    if (this.#pagesFrom < late.from && this.#pagesTo >= late.through) return; // a page had them
    this.#gone = {
      late: [...this.#gone?.late ?? [], late],
      back: later(this.#gone?.back ?? "", this.#position),
    };
    this.#position = late.after;
    this.#hasGoneBack = true;
  }

  #remove(count: number): readonly Notification[] {
    const removed = this.#waiting.drain(count);
    for (const { bytes } of removed) this.#bytes -= bytes + 1;
    return removed;
  }

  #countFor(frameBytes: number): number {
    // A frame has two brackets and one comma fewer than `#bytes` counts, so it is one byte longer.
    if (this.#bytes < frameBytes) return this.size;
    let room = frameBytes - 1;
    const count = this.#waiting.peek().findIndex(({ bytes }) => (room -= bytes + 1) < 0);
    return Math.max(count, 1);
  }
}

/** True if the notification is one of those that came late. */
function isOf({ target, from, through }: LateEntries, { target: of, position }: Notification): boolean {
  return of === target && position >= from && (position <= through || position.startsWith(through));
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}
