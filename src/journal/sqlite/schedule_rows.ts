/** ScheduleRows: the part of the SQLite journal's file in which a schedule keeps its records. */

import type { RecordStore } from "../../schedule/record_store.ts";
import { UnavailableError } from "../journal.ts";
import { BesideRows, type BesideRowsDeps } from "./beside_rows.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";

export interface ScheduleRowsDeps extends BesideRowsDeps {
  readonly file: Pick<SqliteWorkerClient, "rowsAfter" | "writeRows" | "scheduledContents">;
}

const PAGE_ROWS = 10_000; // they come without their contents

export class ScheduleRows extends BesideRows<"scheduled"> implements RecordStore {
  readonly #deps: ScheduleRowsDeps;

  constructor(deps: ScheduleRowsDeps) {
    super("scheduled", deps, PAGE_ROWS);
    this.#deps = deps;
  }

  async contents(sequences: readonly number[]): Promise<(string | null)[]> {
    const { file, health } = this.#deps;
    if (health.state === "lost") throw new UnavailableError(health.reason);
    return await file.scheduledContents(sequences).catch((cause) => {
      throw new UnavailableError("the journal's file cannot be read", { cause });
    });
  }

  foundDamage(records: number): void {
    this.#deps.onDamage(records);
  }
}
