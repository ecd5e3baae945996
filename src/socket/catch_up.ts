/** Catching up: reads the journal for an outbox that is behind, page by page, until it turns live. */

import type { Outbox } from "../hub/outbox.ts";
import type { Page, PageLimit } from "../journal/journal.ts";
import type { Position } from "../journal/position.ts";
import type { ServerMessage } from "../protocol.ts";

/** Reads a page of the journal for one target. */
export type ReadPage = (after: Position | null, limit: PageLimit) => Promise<Page>;

/** Where a stream starts, and whether (null: nobody asked) everything since the place asked for follows. */
export interface Start {
  readonly position: Position;
  readonly recovered: boolean | null;
}

const NOTHING: PageLimit = { entries: 0, bytes: 0 };
const A_FRAME: PageLimit = { entries: 512, bytes: 64_512 }; // with commas and a `missed`, 64 KiB
const MISSED = JSON.stringify({ type: "missed" } satisfies ServerMessage);

export class CatchUp {
  readonly #outbox: Outbox;
  readonly #read: ReadPage;
  #saidAlready = false;

  constructor(outbox: Outbox, read: ReadPage) {
    this.#outbox = outbox;
    this.#read = read;
  }

  /** Finds out where the stream starts, and says so before the outbox can be live. */
  async start(say: (start: Start) => void): Promise<void> {
    const after = this.#outbox.beginPage();
    const page = await this.#read(after, NOTHING);
    say({ position: page.next, recovered: after === null ? null : page.complete });
    this.#saidAlready = !page.complete;
    this.#outbox.endPage(page);
  }

  /** The messages of the next page, none if there are no more. The outbox may be live after it. */
  async nextPage(): Promise<string[]> {
    const page = await this.#read(this.#outbox.beginPage(), A_FRAME);
    this.#outbox.endPage(page);
    const messages = page.entries.map(({ text }) => text);
    if (!page.complete && !this.#saidAlready) messages.unshift(MISSED);
    this.#saidAlready = false;
    return messages;
  }
}
