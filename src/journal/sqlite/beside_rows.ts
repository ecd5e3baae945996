/** BesideRows: a table in the SQLite journal's file, as the store of what another part of the node has in memory. */

import type { RowChanges, RowStore } from "../row_store.ts";
import type { JournalHealth } from "./health.ts";
import { loadSound } from "./load.ts";
import type { BesideName, LoadedRows, WrittenRows } from "./tables_beside.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";
import { writeBeside } from "./write_beside.ts";

export interface BesideRowsDeps {
  readonly file: Pick<SqliteWorkerClient, "rowsAfter" | "writeRows">;
  readonly health: JournalHealth;
  /** Called with the number of rows that turned out to be damaged. */
  readonly onDamage: (rows: number) => void;
}

const PAGE_ROWS = 1_000;

export class BesideRows<N extends BesideName> implements RowStore<LoadedRows[N], WrittenRows[N]> {
  readonly #table: N;
  readonly #deps: BesideRowsDeps;
  readonly #pageRows: number;

  /** @param pageRows the number of rows that the worker reads at once */
  constructor(table: N, deps: BesideRowsDeps, pageRows = PAGE_ROWS) {
    this.#table = table;
    this.#deps = deps;
    this.#pageRows = pageRows;
  }

  load(): AsyncGenerator<readonly LoadedRows[N][], void> {
    const { file, onDamage } = this.#deps;
    return loadSound((sequence) => file.rowsAfter(this.#table, { sequence, max: this.#pageRows }), {
      onDamage,
      remove: (removed) => this.write({ put: [], removed }),
    });
  }

  write(changes: RowChanges<WrittenRows[N]>): Promise<void> {
    const { file, health } = this.#deps;
    return writeBeside(health, () => file.writeRows(this.#table, changes));
  }
}
