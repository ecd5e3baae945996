/** The memory schedule: keeps records until the process ends. */

import type { RecordChanges, RecordStore } from "./record_store.ts";
import type { Schedule, ScheduleOptions } from "./schedule.ts";
import { StoredSchedule } from "./stored_schedule.ts";

/** The contents by the sequence numbers of their records, which the index of the schedule has. */
class MemoryRecords implements RecordStore {
  readonly #contents = new Map<number, string>();

  async *load(): AsyncGenerator<never, void> {}

  contents(sequences: readonly number[]): Promise<(string | null)[]> {
    return Promise.resolve(sequences.map((sequence) => this.#contents.get(sequence) ?? null));
  }

  foundDamage(): void {}

  write({ put, removed }: RecordChanges): Promise<void> {
    for (const { sequence, content } of put) this.#contents.set(sequence, content);
    for (const sequence of removed) this.#contents.delete(sequence);
    return Promise.resolve();
  }
}

export function memorySchedule(options: ScheduleOptions): Schedule {
  return new StoredSchedule(new MemoryRecords(), options);
}
