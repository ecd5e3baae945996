/** ScheduleRows: the part of the SQLite journal's file in which a schedule keeps its records. */

import type { RecordChanges, RecordStore, StoredMeta } from "../../schedule/record_store.ts";
import { UnavailableError } from "../journal.ts";
import type { JournalHealth } from "./health.ts";
import { loadSound } from "./load.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";
import { writeBeside } from "./write_beside.ts";

export interface ScheduleRowsDeps {
  readonly file: Pick<SqliteWorkerClient, "scheduledAfter" | "scheduledContents" | "writeScheduled">;
  readonly health: JournalHealth;
  /** Called with the number of rows that turned out to be damaged. */
  readonly onDamage: (rows: number) => void;
}

const PAGE_ROWS = 10_000;

export class ScheduleRows implements RecordStore {
  readonly #deps: ScheduleRowsDeps;

  constructor(deps: ScheduleRowsDeps) {
    this.#deps = deps;
  }

  load(): AsyncGenerator<readonly StoredMeta[], void> {
    const { file, onDamage } = this.#deps;
    return loadSound((last) => file.scheduledAfter(last, PAGE_ROWS), {
      onDamage,
      remove: (removed) => this.write({ put: [], removed }),
    });
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

  write(changes: RecordChanges): Promise<void> {
    const { file, health } = this.#deps;
    return writeBeside(health, () => file.writeScheduled(changes));
  }
}
