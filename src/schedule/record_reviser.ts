/** RecordReviser: changes the records of a single node's schedule that are not done, as their owner decides. */

import { UnavailableError } from "../journal/journal.ts";
import type { RecordStore } from "./record_store.ts";
import { MAX_REVISION_MS, type Revision, type ScheduledRecord } from "./schedule.ts";
import type { IndexedRecord, ScheduleIndex } from "./schedule_index.ts";

export interface RecordReviserDeps<R extends IndexedRecord> {
  readonly index: Pick<ScheduleIndex<R>, "ofKind" | "get">;
  readonly store: Pick<RecordStore, "contents" | "foundDamage">;
  /** Resolves when the changes that are being stored now are stored, or have failed. */
  readonly settled: () => Promise<void>;
  /** Stores the change of a record that waits, which nobody may take meanwhile; null removes it. */
  readonly change: (record: R, content: string | null) => Promise<void>;
}

const RECORDS = 256; // whose contents are in memory at a time
const POLL_MS = 20;

export class RecordReviser<R extends IndexedRecord> {
  readonly #deps: RecordReviserDeps<R>;

  constructor(deps: RecordReviserDeps<R>) {
    this.#deps = deps;
  }

  /** Does what `Schedule.revise` does. */
  async revise(kind: string, revision: Revision): Promise<void> {
    const end = performance.now() + MAX_REVISION_MS;
    let left = this.#deps.index.ofKind(kind).filter(({ key }) => revision.isConcerned(key));
    while (left.length > 0) {
      const busy: R[] = [];
      for (let from = 0; from < left.length; from += RECORDS) {
        busy.push(...await this.#reviseSome(left.slice(from, from + RECORDS), revision));
      }
      left = busy;
      if (left.length === 0) return;
      if (performance.now() > end) throw new UnavailableError("what is scheduled is being sent: try again");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /**
   * Resolves with the records that are to be changed and that somebody is changing or doing at the moment. While a record
   * is being added or removed, its content is missing without being damaged.
   */
  async #reviseSome(records: readonly R[], revision: Revision): Promise<R[]> {
    const present = records.filter((record) => this.#isPresent(record));
    const stored = present.filter(({ state }) => state === "waiting" || state === "taken");
    const busy = present.filter((record) => !stored.includes(record));
    const contents = await this.#deps.store.contents(stored.map(({ sequence }) => sequence));
    if (contents.includes(null)) await this.#deps.settled(); // what is gone was done, or removed, in between
    const read = stored.map((record, index) => ({ record, content: contents[index] ?? null }))
      .filter(({ record }) => this.#isPresent(record));
    const damaged = read.filter(({ content }) => content === null).length;
    if (damaged > 0) this.#deps.store.foundDamage(damaged);
    for (const { record, content } of read) {
      if (content === null) continue;
      const next = await revision.revise(toScheduled(record, content));
      if (next === content || !this.#isPresent(record)) continue;
      if (record.state === "waiting") await this.#deps.change(record, next);
      else busy.push(record);
    }
    return busy;
  }

  #isPresent(record: R): boolean {
    return this.#deps.index.get(record.key) === record && record.state !== "done";
  }
}

function toScheduled({ key, digest, addedAt, dueAt }: IndexedRecord, content: string): ScheduledRecord {
  return { key, digest, addedAt, dueAt, content };
}
