/** Reads pages of the stored notifications of one target and of everyone, merged in the order of the stream. */

import type { Page, PageLimit } from "../journal.ts";
import type { StoredEntry, StoredMessage, SubjectReader } from "./subject_reader.ts";
import type { Topics } from "./topics.ts";
import type { Position } from "../../wire/position.ts";
import { NO_STAMP, type ParsedPosition, parsePosition, stampedPosition } from "./stamp.ts";
import type { Fences } from "./fences.ts";
import type { StampReader } from "./stamp_reader.ts";

/** The range of sequence numbers that the stream holds at one moment. */
export interface StreamRange {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

export interface HistoryReaderDeps {
  readonly reader: SubjectReader;
  readonly topics: Topics;
  readonly stamps: StampReader;
  readonly fences: Fences;
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
    const { range, stamps } = this.#deps;
    const asked = after === null ? null : parsePosition(after);
    const [before, stamp] = await Promise.all([range(), asked === null ? null : stamps.at(asked.sequence)]);
    const positionAt = async (sequence: number) => stampedPosition(before.epoch, await stamps.head(sequence));
    if (after === null || asked === null) {
      return { entries: [], next: await positionAt(before.last), more: false, complete: true };
    }
    const isPast = await this.#isInPast(asked, { ...before, stamp: stamp ?? undefined });
    const from = isPast ? asked.sequence : 0;
    const found = await this.#find({ ...limit, target, from, last: before.last });
    const evicted = await this.#evictedThrough(target, from);
    // The range is read again last, because what the stream lost until now is not in the page.
    const { first } = await range();
    const completeAfter = Math.max(
      first - 1,
      Math.min(found.completeAfter, before.last),
      ...evicted.values(),
    );
    const complete = isPast && from >= completeAfter && !found.isIncomplete;
    const isKept = ({ target, topic, sequence }: StoredEntry) =>
      topic !== null || sequence > (evicted.get(target) ?? 0);
    const entries = found.entries.filter(isKept);
    const { excluded } = found;
    // The stream holds one entry more than a target may have. A stream does not start before that one.
    const start = excluded === undefined ? before.last : excluded.sequence - (isKept(excluded) ? 1 : 0);
    const next = entries.at(-1)?.position ?? (complete ? after : await positionAt(start));
    return { entries, next, more: excluded !== undefined, complete };
  }

  /**
   * False if the position is from another stream, or from a future that this stream has lost: from beyond its end, or
   * with a number that another message has now, or had.
   */
  async #isInPast(
    { epoch, sequence, stamp }: ParsedPosition,
    stream: StreamRange & { readonly stamp: string | undefined },
  ): Promise<boolean> {
    if (epoch !== stream.epoch || sequence > stream.last) return false;
    if (stamp === undefined) return true;
    if (stream.stamp !== undefined) return stamp === stream.stamp;
    // The message has expired, or was replaced or evicted.
    return stamp === NO_STAMP || !await this.#deps.fences.contradict({ sequence, stamp });
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
    let room = bytes, isIncomplete = false, excluded: StoredEntry | undefined;
    for await (const stored of all) {
      if (stored.sequence > last) break;
      if (stored.text === null) {
        isIncomplete = true;
        continue;
      }
      if (stored.expiresAt <= now()) {
        isIncomplete ||= !stored.hasOwnTtl;
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
    return { entries, excluded, isIncomplete, completeAfter };
  }

  async #newestOfTopics(
    target: string,
    from: number,
  ): Promise<{ newest: StoredMessage[]; completeAfter: number }> {
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

async function* each(
  found: Promise<{ newest: readonly StoredMessage[] }>,
): AsyncGenerator<StoredMessage, undefined> {
  yield* (await found).newest;
}

/** Merges several ordered sequences into one. */
async function* merge(
  sources: readonly AsyncGenerator<StoredMessage, undefined>[],
): AsyncGenerator<StoredMessage, undefined> {
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

function sequenceOf({ head }: { head: IteratorResult<StoredMessage, undefined> }): number {
  return head.value?.sequence ?? Infinity;
}
