/** Reads pages of the stored notifications of one target and of everyone, merged in the order of the stream. */

import type { Page, PageLimit } from "../journal.ts";
import type { StoredEntry, SubjectReader } from "./subject_reader.ts";
import type { Topics } from "./topics.ts";
import { type Position, positionOf } from "../../wire/position.ts";

/** The range of sequence numbers that the stream holds at one moment. */
export interface StreamRange {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

export interface HistoryReaderDeps {
  readonly reader: SubjectReader;
  readonly topics: Topics;
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
  /** True if an entry exceeded the retention and was left out. */
  readonly hasExpired: boolean;
  /** A connection that has read less than this may have missed topics. */
  readonly completeAfter: number;
}

export class HistoryReader {
  readonly #deps: HistoryReaderDeps;

  constructor(deps: HistoryReaderDeps) {
    this.#deps = deps;
  }

  async read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const before = await this.#deps.range();
    const head = positionOf(before.epoch, before.last);
    if (after === null) return { entries: [], next: head, more: false, complete: true };
    const from = parseSequence(after, before);
    const found = await this.#find({ ...limit, target, from: from ?? 0, last: before.last });
    const evicted = await this.#evictedThrough(target, from ?? 0);
    // The range is read again last, because what the stream lost until now is not in the page.
    const { first } = await this.#deps.range();
    const completeAfter = Math.max(first - 1, found.completeAfter, ...evicted.values());
    const complete = from !== undefined && from >= completeAfter && !found.hasExpired;
    const entries = found.entries.filter(({ target, topic, sequence }) =>
      topic !== null || sequence > (evicted.get(target) ?? 0)
    );
    const start = complete ? after : found.excluded && positionOf(before.epoch, found.excluded.sequence - 1);
    const next = entries.at(-1)?.position ?? start ?? head;
    return { entries, next, more: found.excluded !== undefined, complete };
  }

  async #evictedThrough(target: string, from: number): Promise<ReadonlyMap<string | null, number>> {
    const read = async (one: string | null) =>
      [one, await this.#deps.reader.evictedThrough(one, from)] as const;
    return new Map(await Promise.all([read(target), read(null)]));
  }

  async #find({ target, from, last, entries: max, bytes }: HistoryQuery): Promise<HistoryPage> {
    const { reader, now } = this.#deps;
    const topics = this.#newestOfTopics(target, from);
    const all = merge([reader.after(target, from), reader.after(null, from), each(topics)]);
    const entries: StoredEntry[] = [];
    let room = bytes, hasExpired = false, excluded: StoredEntry | undefined;
    for await (const stored of all) {
      if (stored.sequence > last) break;
      if (stored.expiresAt <= now()) {
        hasExpired ||= !stored.hasOwnTtl;
        continue;
      }
      room -= stored.bytes;
      if (entries.length >= max || (entries.length > 0 && room < 0)) {
        excluded = stored;
        break;
      }
      entries.push(stored);
    }
    const { completeAfter } = await topics;
    return { entries, excluded, hasExpired, completeAfter };
  }

  async #newestOfTopics(
    target: string,
    from: number,
  ): Promise<{ newest: StoredEntry[]; completeAfter: number }> {
    const { reader, topics } = this.#deps;
    const lists = await Promise.all(
      [target, null].map(async (target) => ({ target, ...await topics.read(target) })),
    );
    const newest = await Promise.all(
      lists.flatMap(({ target, topics }) =>
        topics.map((topic) => reader.newestOf({ target, lastToken: topic }, from))
      ),
    );
    return {
      newest: newest.filter((stored) => stored !== null).sort((a, b) => a.sequence - b.sequence),
      completeAfter: Math.max(...lists.map(({ completeAfter }) => completeAfter)),
    };
  }
}

/** Undefined if the position is from another stream, or from a future that this stream has lost. */
function parseSequence(position: Position, { epoch, last }: StreamRange): number | undefined {
  const [ofEpoch, digits = ""] = position.split("-");
  const sequence = parseInt(digits, 36);
  return ofEpoch === epoch && sequence <= last ? sequence : undefined;
}

async function* each(
  found: Promise<{ newest: readonly StoredEntry[] }>,
): AsyncGenerator<StoredEntry, undefined> {
  yield* (await found).newest;
}

/** Merges several ordered sequences into one. */
async function* merge(
  sources: readonly AsyncGenerator<StoredEntry, undefined>[],
): AsyncGenerator<StoredEntry, undefined> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })));
  try {
    for (;;) {
      const [oldest] = heads.filter(({ head }) => !head.done).sort((a, b) => sequenceOf(a) - sequenceOf(b));
      if (oldest === undefined || oldest.head.done) return;
      yield oldest.head.value;
      oldest.head = await oldest.source.next();
    }
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)));
  }
}

function sequenceOf({ head }: { head: IteratorResult<StoredEntry, undefined> }): number {
  return head.value?.sequence ?? Infinity;
}
