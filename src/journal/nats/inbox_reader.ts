/** Reads pages of an inbox: the newest notifications of a target, and what the target has read. */

import type { Position } from "../../wire/position.ts";
import { isRead } from "../index/read_state.ts";
import type { Entry, PageLimit } from "../journal.ts";
import type { InboxPage } from "../read.ts";
import { readStateOf } from "./mark_merge.ts";
import type { StoredEntry } from "./message.ts";
import type { Past, StreamRange } from "./past.ts";
import { stampedPosition } from "./stamp.ts";
import type { StampReader } from "./stamp_reader.ts";
import { readMarkOf } from "./stored_mark.ts";
import type { TargetReader } from "./target_reader.ts";

export interface InboxReaderDeps {
  readonly entries: Pick<TargetReader, "markOf" | "kept">;
  readonly past: Pick<Past, "locate">;
  readonly stamps: Pick<StampReader, "head">;
  /** Requests the range from the leader. Rejects if the leader has not stored yet what this node already received. */
  range(): Promise<StreamRange>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** NATS cannot read backwards, so everything is read, and no more than a page is kept in memory. */
export class InboxReader {
  readonly #deps: InboxReaderDeps;

  constructor(deps: InboxReaderDeps) {
    this.#deps = deps;
  }

  async read(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    const { entries, range, past, stamps, now } = this.#deps;
    const ranging = range();
    const [{ epoch, last }, end] = await Promise.all([
      ranging,
      before === null ? Infinity : past.locate(before, ranging).then((known) => known?.sequence ?? 0),
    ]);
    // The mark is read after the range, so no mark up to the head is newer than this one.
    const stored = await entries.markOf(target), time = now();
    const mark = readMarkOf(stored, time);
    const state = readStateOf(mark), head = Math.max(last, stored?.sequence ?? 0);
    const page = new NewestEntries(limit);
    let unread = 0, newest: StoredEntry | undefined;
    for await (const entry of entries.kept(target, { from: 0, last: head, now: time })) {
      newest = entry;
      if (!isRead(state, entry.sequence)) unread++;
      if (entry.sequence < end) page.add(entry);
    }
    // If the head was just read, the stream may not have it any more: a later one of its topic has replaced it.
    const position = newest?.sequence === head
      ? newest.position
      : stampedPosition(epoch, await stamps.head(head));
    return { entries: page.newestFirst(), more: page.isShortened, mark, unread, position };
  }
}

/** The newest entries that fit into a page. They are added from the oldest on. */
class NewestEntries {
  readonly #limit: PageLimit;
  readonly #entries: Entry[] = [];
  #bytes = 0;
  #isShortened = false;

  constructor(limit: PageLimit) {
    this.#limit = limit;
  }

  /** True if older entries did not fit. */
  get isShortened(): boolean {
    return this.#isShortened;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    while (this.#isTooLong()) {
      this.#bytes -= this.#entries.shift()?.bytes ?? 0;
      this.#isShortened = true;
    }
  }

  newestFirst(): Entry[] {
    return this.#entries.toReversed();
  }

  /** The newest entry may alone exceed the limit of the bytes. */
  #isTooLong(): boolean {
    const { entries, bytes } = this.#limit;
    return this.#entries.length > entries || (this.#bytes > bytes && this.#entries.length > 1);
  }
}
