/** RecordReviser: changes the records of a single node's schedule that are not done, as their owner decides. */

import { UnavailableError } from "../journal/journal.ts";
import type { RecordStore } from "./record_store.ts";
import { MAX_REVISION_MS, type Revision, type ScheduledRecord } from "./schedule.ts";
import type { IndexedRecord, ScheduleIndex } from "./schedule_index.ts";

export interface RecordReviserDeps<R extends IndexedRecord> {
  readonly index: Pick<ScheduleIndex<R>, "ofKind" | "get">;
  readonly store: Pick<RecordStore, "contents">;
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

  /** Resolves with the records that are to be changed and that somebody is changing or doing at the moment. */
  async #reviseSome(records: readonly R[], revision: Revision): Promise<R[]> {
    const present = records.filter((record) => this.#isPresent(record));
    const contents = await this.#deps.store.contents(present.map(({ sequence }) => sequence));
    const busy: R[] = [];
    for (const [index, record] of present.entries()) {
      const content = contents[index] ?? null;
      if (content === null) continue; // it is damaged, or gone by now
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
