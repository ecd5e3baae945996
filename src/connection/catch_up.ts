/** Catching up: reads the journal for an outbox that is behind, page by page, until it turns live. */

import type { Outbox } from "../hub/outbox.ts";
import type { Journal, PageLimit } from "../journal/journal.ts";
import type { Position } from "../wire/position.ts";
import type { FrameContents } from "./framing.ts";

/** Where a stream starts, and whether (null: nobody asked) everything since the place asked for follows. */
export interface StreamStart {
  readonly position: Position;
  readonly recovered: boolean | null;
}

const NOTHING: PageLimit = { entries: 0, bytes: 0 };
const A_FRAME: PageLimit = { entries: 512, bytes: 64_512 }; // with commas and a `missed`, 64 KiB

export class CatchUp {
  readonly #target: string;
  readonly #outbox: Outbox;
  readonly #journal: Pick<Journal, "read">;
  #saidAlready = false;

  constructor(target: string, { outbox, journal }: { outbox: Outbox; journal: Pick<Journal, "read"> }) {
    this.#target = target;
    this.#outbox = outbox;
    this.#journal = journal;
  }

  /** Finds out where the stream starts, and says so before the outbox can be live. */
  async start(say: (start: StreamStart) => void): Promise<void> {
    const after = this.#outbox.beginPage();
    const page = await this.#journal.read(this.#target, after, NOTHING);
    say({ position: page.next, recovered: after === null ? null : page.complete });
    this.#saidAlready = page.more && !page.complete; // of what the next page is to bring
    this.#outbox.endPage(page);
  }

  /** The next page; an empty one is not worth a frame. The outbox may be live after it. */
  async nextPage(): Promise<FrameContents> {
    const page = await this.#journal.read(this.#target, this.#outbox.beginPage(), A_FRAME);
    this.#outbox.endPage(page);
    const missed = !page.complete && !this.#saidAlready;
    this.#saidAlready = false;
    return { missed, notifications: page.entries };
  }
}
