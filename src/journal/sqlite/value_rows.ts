/** ValueRows: a part of the SQLite journal's file that keeps a value for each target. */

import type { TargetValue, ValueChanges, ValueStore } from "../../presence/value_store.ts";
import type { JournalHealth } from "./health.ts";
import { loadSound } from "./load.ts";
import type { ValueTableName } from "./value_table.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";
import { writeBeside } from "./write_beside.ts";

export interface ValueRowsDeps {
  readonly file: Pick<SqliteWorkerClient, "valuesAfter" | "writeValues">;
  readonly health: JournalHealth;
  /** Called with the number of rows that turned out to be damaged. */
  readonly onDamage: (rows: number) => void;
}

const PAGE_ROWS = 1_000;

export class ValueRows implements ValueStore {
  readonly #table: ValueTableName;
  readonly #deps: ValueRowsDeps;

  constructor(table: ValueTableName, deps: ValueRowsDeps) {
    this.#table = table;
    this.#deps = deps;
  }

  load(): AsyncGenerator<readonly TargetValue[], void> {
    const { file, onDamage } = this.#deps;
    return loadSound((last) => file.valuesAfter(this.#table, { sequence: last, max: PAGE_ROWS }), {
      onDamage,
      remove: (removed) => this.write({ put: [], removed }),
    });
  }

  write(changes: ValueChanges): Promise<void> {
    const { file, health } = this.#deps;
    return writeBeside(health, () => file.writeValues(this.#table, changes));
  }
}
