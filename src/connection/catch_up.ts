/** Catching up: reads the journal for an outbox that is behind, page by page, until the outbox turns live. */

import type { Outbox } from "../hub/outbox.ts";
import type { Journal, Page, PageLimit } from "../journal/journal.ts";
import type { Position } from "../wire/position.ts";
import type { FrameContents } from "./frame_encoding.ts";

export interface StreamStart {
  /** Where the stream starts. */
  readonly position: Position;
  /** Whether everything after the requested position follows; null if the browser does not resume. */
  readonly recovered: boolean | null;
}

const NO_ENTRIES: PageLimit = { entries: 0, bytes: 0 };
const MAX_REPEATS = 3;
const ONE_FRAME: PageLimit = { entries: 512, bytes: 64_512 }; // 64 KiB with the commas and a `missed`

export interface CatchUpDeps {
  readonly outbox: Outbox;
  readonly journal: Pick<Journal, "read">;
  /** True for a stream that starts before the oldest entry, wherever that is. It cannot have missed what went before. */
  readonly isFresh?: boolean;
}

export class CatchUp {
  readonly #target: string;
  readonly #outbox: Outbox;
  readonly #journal: Pick<Journal, "read">;
  readonly #isFresh: boolean;
  #isLossReported = false; // the welcome has reported the loss that the next page will show
  #reportedLoss: number | undefined; // the loss that was reported last, which further pages may show too

  constructor(target: string, { outbox, journal, isFresh = false }: CatchUpDeps) {
    this.#target = target;
    this.#outbox = outbox;
    this.#journal = journal;
    this.#isFresh = isFresh;
  }

  /** Finds out where the stream starts, and calls back before the outbox can turn live. */
  async start(onStart: (start: StreamStart) => void): Promise<void> {
    const after = this.#outbox.beginPage();
    const first = await this.#journal.read(this.#target, after, NO_ENTRIES);
    const page = first.complete ? first : await this.#readStart(first);
    onStart({ position: page.next, recovered: after === null || this.#isFresh ? null : first.complete });
    this.#isLossReported = page.more && !page.complete;
    this.#reportedLoss = page.lossThrough;
    this.#outbox.endPage(page);
  }

  /**
   * Asks again from where a stream starts that has lost what went before, as every fresh stream has. This answer tells
   * whether the first page will be complete. If it would be and is not, then more was lost after the welcome, and that is
   * reported too. More answers are needed if entries are evicted meanwhile.
   */
  async #readStart(first: Page): Promise<Page> {
    let page = first;
    for (let times = MAX_REPEATS; times > 0 && !page.complete; times--) {
      const start = page.next;
      page = await this.#journal.read(this.#target, start, NO_ENTRIES);
      if (page.next === start) break; // something has gone from among those that are kept
    }
    return page;
  }

  /** Reads the next page, after which the outbox may be live. The page may be empty, and needs no frame then. */
  async nextPage(): Promise<FrameContents> {
    const page = await this.#journal.read(this.#target, this.#outbox.beginPage(), ONE_FRAME);
    const notifications = this.#outbox.unsent(page.entries);
    this.#outbox.endPage(page);
    const { complete, lossThrough } = page;
    // What the journal numbers can be compared. What it does not can only be expected.
    const canCompare = lossThrough !== undefined && this.#reportedLoss !== undefined;
    const isKnown = canCompare ? lossThrough === this.#reportedLoss : this.#isLossReported;
    const missed = !complete && !isKnown;
    this.#isLossReported = false;
    this.#reportedLoss = lossThrough ?? this.#reportedLoss;
    return { missed, notifications };
  }
}
