/** The schedule of its owner, who tells the other isolates of each change how many records there are of its kind. */

import {
  kindOf,
  type Revision,
  type Schedule,
  type ScheduledRecord,
  type TakeLimit,
} from "../schedule/schedule.ts";
import type { ScheduleCells } from "./schedule_cells.ts";

/** A change is told before its promise resolves, so nothing that is caused by it can reach an isolate earlier. */
export class SharedSchedule implements Schedule {
  readonly #owned: Schedule;
  readonly #cells: ScheduleCells;
  /** By kind, the keys of what was taken and is not done. A push that fails waits again, and can be withdrawn then. */
  readonly #taken: ReadonlyMap<string, Set<string>>;

  constructor(owned: Schedule, cells: ScheduleCells) {
    this.#owned = owned;
    this.#cells = cells;
    this.#taken = new Map(cells.kinds.map((kind) => [kind, new Set()]));
    this.#tell();
  }

  add(records: Parameters<Schedule["add"]>[0]): ReturnType<Schedule["add"]> {
    return this.#told(this.#owned.add(records));
  }

  find(key: string): ReturnType<Schedule["find"]> {
    return this.#owned.find(key);
  }

  has(key: string): boolean {
    return this.#owned.has(key);
  }

  waiting(kind: string): number {
    return this.#owned.waiting(kind);
  }

  cancel(key: string): ReturnType<Schedule["cancel"]> {
    return this.#told(this.#owned.cancel(key));
  }

  async take(kind: string, limit: TakeLimit): Promise<readonly ScheduledRecord[]> {
    const records = await this.#owned.take(kind, limit);
    for (const { key } of records) this.#taken.get(kind)?.add(key);
    this.#tell();
    return records;
  }

  finish(keys: readonly string[]): Promise<void> {
    return this.#given(keys, this.#owned.finish(keys));
  }

  release(keys: readonly string[]): Promise<void> {
    return this.#given(keys, this.#owned.release(keys));
  }

  postpone(records: readonly ScheduledRecord[]): Promise<void> {
    return this.#given(records.map(({ key }) => key), this.#owned.postpone(records));
  }

  forget(keys: readonly string[]): Promise<void> {
    return this.#given(keys, this.#owned.forget(keys));
  }

  revise(kind: string, revision: Revision): Promise<void> {
    return this.#told(this.#owned.revise(kind, revision));
  }

  close(): Promise<void> {
    return this.#owned.close();
  }

  async #given(keys: readonly string[], done: Promise<void>): Promise<void> {
    await done;
    for (const key of keys) this.#taken.get(kindOf(key))?.delete(key);
    this.#tell();
  }

  async #told<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally { // a change that has failed may have been made
      this.#tell();
    }
  }

  #tell(): void {
    for (const [kind, taken] of this.#taken) {
      const waiting = this.#owned.waiting(kind);
      this.#cells.set(kind, { waiting, open: waiting + taken.size });
    }
  }
}
