/** Catching up: reads the journal for an outbox that is behind, page by page, until the outbox turns live. */

import type { Outbox } from "../hub/outbox.ts";
import type { Journal, PageLimit } from "../journal/journal.ts";
import type { Position } from "../wire/position.ts";
import type { FrameContents } from "./frame_encoding.ts";

export interface StreamStart {
  /** Where the stream starts. */
  readonly position: Position;
  /** Whether everything after the requested position follows; null if no position was requested. */
  readonly recovered: boolean | null;
}

const NO_ENTRIES: PageLimit = { entries: 0, bytes: 0 };
const ONE_FRAME: PageLimit = { entries: 512, bytes: 64_512 }; // 64 KiB with the commas and a `missed`

export class CatchUp {
  readonly #target: string;
  readonly #outbox: Outbox;
  readonly #journal: Pick<Journal, "read">;
  #isLossReported = false; // the welcome has reported the loss that the next page will show

  constructor(target: string, { outbox, journal }: { outbox: Outbox; journal: Pick<Journal, "read"> }) {
    this.#target = target;
    this.#outbox = outbox;
    this.#journal = journal;
  }

  /** Finds out where the stream starts, and calls back before the outbox can turn live. */
  async start(onStart: (start: StreamStart) => void): Promise<void> {
    const after = this.#outbox.beginPage();
    const page = await this.#journal.read(this.#target, after, NO_ENTRIES);
    onStart({ position: page.next, recovered: after === null ? null : page.complete });
    this.#isLossReported = page.more && !page.complete;
    this.#outbox.endPage(page);
  }

  /** Reads the next page, after which the outbox may be live. The page may be empty, and needs no frame then. */
  async nextPage(): Promise<FrameContents> {
    const page = await this.#journal.read(this.#target, this.#outbox.beginPage(), ONE_FRAME);
    this.#outbox.endPage(page);
    const missed = !page.complete && !this.#isLossReported;
    this.#isLossReported = false;
    return { missed, notifications: page.entries };
  }
}
