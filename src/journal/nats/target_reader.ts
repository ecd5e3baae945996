/** Reads the stored entries of one target and of everyone, merged in the order of the stream. */

import type { StoredEntry, StoredMessage } from "./message.ts";
import { MARK } from "./stored_mark.ts";
import type { SubjectReader } from "./subject_reader.ts";
import type { Topics } from "./topics.ts";

/** The entries of a target and of everyone after a sequence number. */
export interface TargetEntries {
  /** In the order of the stream, with those that have expired, and with some of those that are stored meanwhile. */
  readonly entries: AsyncGenerator<StoredMessage, undefined>;
  /** A connection that has read less than this may have missed topics. */
  completeAfter(): Promise<number>;
}

/** For each recipient, the sequence number up to which entries without a topic were evicted. */
export type EvictedThrough = ReadonlyMap<string | null, number>;

export class TargetReader {
  readonly #reader: SubjectReader;
  readonly #topics: Topics;

  constructor(reader: SubjectReader, topics: Topics) {
    this.#reader = reader;
    this.#topics = topics;
  }

  after(target: string, from: number): TargetEntries {
    const single = this.#newestOfSubjects(target, from);
    return {
      entries: merge([this.#reader.after(target, from), this.#reader.after(null, from), each(single)]),
      completeAfter: async () => (await single).completeAfter,
    };
  }

  /** The entry that says what the target has read; null if there is none. */
  async markOf(target: string): Promise<StoredMessage | null> {
    return await this.#reader.newestOf({ target, lastToken: MARK }, 0);
  }

  /** The notifications with numbers after `from` and up to `last` that are kept. `now` is in milliseconds since 1970. */
  async *kept(
    target: string,
    { from, last, now }: { from: number; last: number; now: number },
  ): AsyncGenerator<StoredEntry, undefined> {
    const evicted = await this.evictedThrough(target, from);
    for await (const stored of this.after(target, from).entries) {
      if (stored.sequence > last) return;
      if (isKept(stored, { evicted, now })) yield stored;
    }
  }

  /** Of the notifications with these numbers, those that are kept. */
  async keptAt(
    target: string,
    { sequences, now }: { sequences: readonly number[]; now: number },
  ): Promise<StoredEntry[]> {
    if (sequences.length === 0) return [];
    const [evicted, found] = await Promise.all([
      this.evictedThrough(target, Math.min(...sequences) - 1),
      Promise.all(sequences.map((sequence) => this.#reader.at(sequence, target))),
    ]);
    return found.filter((stored) => stored !== null).filter((stored) => isKept(stored, { evicted, now }));
  }

  async evictedThrough(target: string, from: number): Promise<EvictedThrough> {
    const read = async (one: string | null) => [one, await this.#reader.evictedThrough(one, from)] as const;
    return new Map(await Promise.all([read(target), read(null)]));
  }

  /** The newest entry of each topic, and the mark. */
  async #newestOfSubjects(
    target: string,
    from: number,
  ): Promise<{ newest: StoredMessage[]; completeAfter: number }> {
    const lists = await Promise.all(
      [target, null].map(async (target) => ({ target, ...await this.#topics.read(target) })),
    );
    const subjects = lists.flatMap(({ target, topics }) =>
      topics.map((lastToken) => ({ target, lastToken }))
    );
    const newest = await Promise.all(
      [...subjects, { target, lastToken: MARK }].map((subject) => this.#reader.newestOf(subject, from)),
    );
    return {
      newest: newest.filter((stored) => stored !== null).sort((a, b) => a.sequence - b.sequence),
      completeAfter: Math.max(...lists.map(({ completeAfter }) => completeAfter)),
    };
  }
}

/** True if the entry is stored only to show that nothing after it was evicted. */
export function isEvicted({ id, target, topic, sequence }: StoredEntry, evicted: EvictedThrough): boolean {
  return id !== null && topic === null && sequence <= (evicted.get(target) ?? 0);
}

/** True if this is a notification of which readers know. */
function isKept(
  stored: StoredMessage,
  { evicted, now }: { evicted: EvictedThrough; now: number },
): stored is StoredEntry {
  if (stored.text === null) return false; // it is damaged
  return stored.id !== null && stored.expiresAt > now && !isEvicted(stored, evicted);
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
