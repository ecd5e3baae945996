/** RevocationRows: the part of the SQLite journal's file that keeps revocations. */

import type {
  RevocationChanges,
  RevocationStore,
  StoredRevocation,
} from "../../revocation/revocation_store.ts";
import type { JournalHealth } from "./health.ts";
import { loadSound } from "./load.ts";
import type { SqliteWorkerClient } from "./worker_client.ts";
import { writeBeside } from "./write_beside.ts";

export interface RevocationRowsDeps {
  readonly file: Pick<SqliteWorkerClient, "revocationsAfter" | "writeRevocations">;
  readonly health: JournalHealth;
  /** Called with the number of rows that turned out to be damaged. */
  readonly onDamage: (rows: number) => void;
}

const PAGE_ROWS = 1_000;

export class RevocationRows implements RevocationStore {
  readonly #deps: RevocationRowsDeps;

  constructor(deps: RevocationRowsDeps) {
    this.#deps = deps;
  }

  load(): AsyncGenerator<readonly StoredRevocation[], void> {
    const { file, onDamage } = this.#deps;
    return loadSound((last) => file.revocationsAfter(last, PAGE_ROWS), {
      onDamage,
      remove: (removed) => this.write({ added: [], removed }),
    });
  }

  write(changes: RevocationChanges): Promise<void> {
    const { file, health } = this.#deps;
    return writeBeside(health, () => file.writeRevocations(changes));
  }
}
