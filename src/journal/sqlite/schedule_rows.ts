/** ScheduleRows: the part of the SQLite journal's file in which a schedule keeps its records. */

import type { RecordChanges, RecordStore, StoredMeta } from "../../schedule/record_store.ts";
import { UnavailableError } from "../journal.ts";
import type { JournalHealth } from "./health.ts";
import { allPages } from "./load.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

export interface ScheduleRowsDeps {
  readonly file: Pick<SqliteWorkerClient, "scheduledAfter" | "scheduledContents" | "writeScheduled">;
  readonly health: JournalHealth;
  /** Called with the number of rows that turned out to be damaged. */
  readonly onDamage: (rows: number) => void;
}

const PAGE_ROWS = 10_000;

/** After a write has failed, the journal finds out when the file can be written again. */
export class ScheduleRows implements RecordStore {
  readonly #deps: ScheduleRowsDeps;

  constructor(deps: ScheduleRowsDeps) {
    this.#deps = deps;
  }

  async *load(): AsyncGenerator<readonly StoredMeta[], void> {
    const { file, onDamage } = this.#deps;
    for await (const { rows, damaged } of allPages((last) => file.scheduledAfter(last, PAGE_ROWS))) {
      if (damaged.length > 0) {
        onDamage(damaged.length);
        const removed = damaged.map(({ sequence }) => sequence);
        await this.write({ put: [], removed }).catch(() => {}); // the next start finds them again
      }
      yield rows;
    }
  }

  async contents(sequences: readonly number[]): Promise<(string | null)[]> {
    const { file, health, onDamage } = this.#deps;
    if (health.state === "lost") throw new UnavailableError(health.reason);
    const contents = await file.scheduledContents(sequences).catch((cause) => {
      throw new UnavailableError("the journal's file cannot be read", { cause });
    });
    const damaged = contents.filter((content) => content === null).length;
    if (damaged > 0) onDamage(damaged);
    return contents;
  }

  async write(changes: RecordChanges): Promise<void> {
    const { file, health } = this.#deps;
    if (health.state !== "ok") throw new UnavailableError(health.reason);
    try {
      await file.writeScheduled(changes);
    } catch (cause) {
      health.setUnwritable(cause instanceof Error ? cause.message : String(cause));
      throw new UnavailableError("the journal's file cannot be written", { cause });
    }
  }
}
