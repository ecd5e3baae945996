/** Reads pages of the stored entries of one target and of everyone, merged in the order of the stream. */

import type { Page, PageLimit } from "../journal.ts";
import type { Position } from "../../wire/position.ts";
import type { LossMarker } from "./loss_marker.ts";
import type { StoredEntry } from "./message.ts";
import type { Past, StreamRange } from "./past.ts";
import { stampedPosition } from "./stamp.ts";
import type { StampReader } from "./stamp_reader.ts";
import { isEvicted, type TargetReader } from "./target_reader.ts";

export interface HistoryReaderDeps {
  readonly entries: TargetReader;
  readonly past: Past;
  readonly stamps: StampReader;
  readonly loss: Pick<LossMarker, "sequence">;
  /** Requests the range from the leader. Rejects if the leader has not stored yet what this node already received. */
  range(): Promise<StreamRange>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface HistoryQuery extends PageLimit {
  readonly target: string;
  /** Entries after this sequence number are read. */
  readonly from: number;
  /**
   * Entries after this sequence number are left out, because they are offered to the feed during the read. A page that
   * had one of them, but not an earlier one, would lose the earlier one.
   */
  readonly last: number;
}

/** As many entries as the limit allows. */
interface HistoryPage {
  readonly entries: readonly StoredEntry[];
  /** The first entry that the limit excludes. */
  readonly excluded: StoredEntry | undefined;
  /** True if an entry was left out, because it exceeded the retention or is damaged. */
  readonly isIncomplete: boolean;
  /** A connection that has read less than this may have missed topics. */
  readonly completeAfter: number;
}

export class HistoryReader {
  readonly #deps: HistoryReaderDeps;

  constructor(deps: HistoryReaderDeps) {
    this.#deps = deps;
  }

  async read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const { range, past, stamps, loss } = this.#deps;
    const ranging = range();
    const [before, start] = await Promise.all([ranging, after === null ? null : past.locate(after, ranging)]);
    const positionAt = async (sequence: number) => stampedPosition(before.epoch, await stamps.head(sequence));
    if (after === null) {
      return { entries: [], next: await positionAt(before.last), more: false, complete: true };
    }
    const from = start?.sequence ?? 0;
    const found = await this.#find({ ...limit, target, from, last: before.last });
    const evicted = await this.#deps.entries.evictedThrough(target, from);
    // The range is read again last, because what the stream lost until now is not in the page.
    const [{ first }, lostThrough] = await Promise.all([range(), loss.sequence()]);
    const completeAfter = Math.max(
      first - 1,
      Math.min(found.completeAfter, before.last),
      ...evicted.values(),
    );
    const hasLoss = start !== null && from < lostThrough;
    const complete = start !== null && !hasLoss && from >= completeAfter && !found.isIncomplete;
    const entries = found.entries.filter((entry) => !isEvicted(entry, evicted));
    const { excluded } = found;
    // The stream holds one entry more than a target may have. A stream does not start before that one.
    const end = excluded === undefined
      ? before.last
      : excluded.sequence - (isEvicted(excluded, evicted) ? 0 : 1);
    const next = entries.at(-1)?.position ?? (complete ? after : await positionAt(end));
    return {
      entries,
      next,
      more: excluded !== undefined,
      complete,
      ...hasLoss && { lossThrough: lostThrough },
    };
  }

  async #find({ target, from, last, entries: max, bytes }: HistoryQuery): Promise<HistoryPage> {
    const { entries: reader, now } = this.#deps;
    const all = reader.after(target, from);
    const entries: StoredEntry[] = [];
    let room = bytes, isIncomplete = false, excluded: StoredEntry | undefined;
    for await (const stored of all.entries) {
      if (stored.sequence > last) break;
      if (stored.text === null) {
        isIncomplete = true;
        continue;
      }
      if (stored.expiresAt <= now()) {
        isIncomplete ||= !stored.hasOwnTtl && stored.id !== null;
        continue;
      }
      room -= stored.bytes;
      if (entries.length >= max || (entries.length > 0 && room < 0)) {
        excluded = stored;
        break;
      }
      entries.push(stored);
    }
    return { entries, excluded, isIncomplete, completeAfter: await all.completeAfter() };
  }
}
