/** Pages of what is stored in NATS, for a tab that is behind: of its target and of everyone, in the order of the stream. */

import type { Page, PageLimit } from "../journal.ts";
import type { Reader, StoredEntry } from "./reader.ts";
import type { Topics } from "./topics.ts";
import { type Position, positionOf } from "../../wire/position.ts";

/** The stream at one moment: the numbers of what it holds. */
export interface Extent {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

export interface HistoryReaderDeps {
  readonly reader: Reader;
  readonly topics: Topics;
  /** Asks the stream. Rejects if it has not stored yet what it has sent. */
  extent(): Promise<Extent>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is read, and from where. */
interface HistoryQuery extends PageLimit {
  readonly target: string;
  readonly from: number;
  /** What comes later is offered while this is read: to find some of it, and not what came before, would lose that. */
  readonly last: number;
}

/** As much of what follows as the limit allows. */
interface HistoryPage {
  readonly entries: readonly StoredEntry[];
  /** The first that the limit does not allow. */
  readonly beyond: StoredEntry | undefined;
  /** Something was there that is too old by now. */
  readonly isSpoilt: boolean;
  /** Whoever has not read up to here may have missed topics. */
  readonly completeAfter: number;
}

export class HistoryReader {
  readonly #deps: HistoryReaderDeps;

  constructor(deps: HistoryReaderDeps) {
    this.#deps = deps;
  }

  async read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    const before = await this.#deps.extent();
    const head = positionOf(before.epoch, before.last);
    if (after === null) return { entries: [], next: head, more: false, complete: true };
    const from = sequenceOf(after, before);
    const found = await this.#find({ ...limit, target, from: from ?? 0, last: before.last });
    const crowded = await this.#crowdedThrough(target, from ?? 0);
    const { first } = await this.#deps.extent(); // afterwards: what was lost until now is not in the page
    const completeAfter = Math.max(first - 1, found.completeAfter, ...crowded.values());
    const complete = from !== undefined && from >= completeAfter && !found.isSpoilt;
    const entries = found.entries.filter(({ target, topic, sequence }) =>
      topic !== null || sequence > (crowded.get(target) ?? 0)
    );
    const start = complete ? after : found.beyond && positionOf(before.epoch, found.beyond.sequence - 1);
    const next = entries.at(-1)?.position ?? start ?? head;
    return { entries, next, more: found.beyond !== undefined, complete };
  }

  async #crowdedThrough(target: string, from: number): Promise<ReadonlyMap<string | null, number>> {
    const of = async (one: string | null) =>
      [one, await this.#deps.reader.crowdedThrough(one, from)] as const;
    return new Map(await Promise.all([of(target), of(null)]));
  }

  async #find({ target, from, last, entries: max, bytes }: HistoryQuery): Promise<HistoryPage> {
    const { reader, now } = this.#deps;
    const topics = this.#newestOfTopics(target, from);
    const all = merged([reader.after(target, from), reader.after(null, from), eachOf(topics)]);
    const entries: StoredEntry[] = [];
    let room = bytes, isSpoilt = false, beyond: StoredEntry | undefined;
    for await (const stored of all) {
      if (stored.sequence > last) break;
      if (stored.expiresAt <= now()) {
        isSpoilt ||= !stored.hasOwnTtl;
        continue;
      }
      room -= stored.bytes;
      if (entries.length >= max || (entries.length > 0 && room < 0)) {
        beyond = stored;
        break;
      }
      entries.push(stored);
    }
    const { completeAfter } = await topics;
    return { entries, beyond, isSpoilt, completeAfter };
  }

  async #newestOfTopics(
    target: string,
    from: number,
  ): Promise<{ newest: StoredEntry[]; completeAfter: number }> {
    const { reader, topics } = this.#deps;
    const notes = await Promise.all(
      [target, null].map(async (one) => ({ of: one, ...await topics.of(one) })),
    );
    const newest = await Promise.all(
      notes.flatMap(({ of, topics }) =>
        topics.map((topic) => reader.newestOf({ target: of, lastToken: topic }, from))
      ),
    );
    return {
      newest: newest.filter((stored) => stored !== null).sort((a, b) => a.sequence - b.sequence),
      completeAfter: Math.max(...notes.map(({ completeAfter }) => completeAfter)),
    };
  }
}

/** The number of a position; undefined if it is of another stream, or of a future that this one lost. */
function sequenceOf(position: Position, { epoch, last }: Extent): number | undefined {
  const [ofEpoch, digits = ""] = position.split("-");
  const sequence = parseInt(digits, 36);
  return ofEpoch === epoch && sequence <= last ? sequence : undefined;
}

async function* eachOf(
  found: Promise<{ newest: readonly StoredEntry[] }>,
): AsyncGenerator<StoredEntry, undefined> {
  yield* (await found).newest;
}

/** Several sequences, each in order, as one. */
async function* merged(
  sources: readonly AsyncGenerator<StoredEntry, undefined>[],
): AsyncGenerator<StoredEntry, undefined> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })));
  try {
    for (;;) {
      const [oldest] = heads.filter(({ head }) => !head.done).sort((a, b) => sequenceIn(a) - sequenceIn(b));
      if (oldest === undefined || oldest.head.done) return;
      yield oldest.head.value;
      oldest.head = await oldest.source.next();
    }
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)));
  }
}

function sequenceIn({ head }: { head: IteratorResult<StoredEntry, undefined> }): number {
  return head.value?.sequence ?? Infinity;
}
