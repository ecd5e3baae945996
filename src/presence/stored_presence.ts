/** The presence records of a single node: in memory, over a store that decides only what survives a restart. */

import { KeptValues } from "./kept_values.ts";
import { type ChangeRecord, isEmptyRecord, NOBODY, type PresenceRecord } from "./presence_record.ts";
import { NoRoomError, type PresenceRecords, type PresenceRecordsOptions } from "./presence_records.ts";
import { PresenceRecordSchema } from "./record_schema.ts";
import type { ValueStore } from "./value_store.ts";

/** What a record with one node takes in memory besides its target's name. */
const RECORD_BYTES = 400;

export interface StoredPresenceOptions extends PresenceRecordsOptions {
  /** Called when the record of a target that was erased is removed from the store, where bytes of it may be left. */
  readonly onErasedGone?: () => void;
}

export class StoredPresence implements PresenceRecords {
  readonly #values: KeptValues<PresenceRecord>;
  readonly #maxRecords: number;
  readonly #onErasedGone: () => void;
  readonly interruptions = 0;

  private constructor(
    values: KeptValues<PresenceRecord>,
    { maxBytes, onErasedGone = () => {} }: StoredPresenceOptions,
  ) {
    this.#onErasedGone = onErasedGone;
    this.#values = values;
    this.#maxRecords = Math.floor(maxBytes / RECORD_BYTES);
  }

  /** Opens a store that may have records. */
  static async open(store: ValueStore, options: StoredPresenceOptions): Promise<StoredPresence> {
    return new StoredPresence(await KeptValues.open(store, { schema: PresenceRecordSchema }), options);
  }

  async change(target: string, change: ChangeRecord): Promise<PresenceRecord> {
    const known = this.#values.get(target), next = change(known ?? NOBODY);
    if (known === undefined && !isEmptyRecord(next) && this.#values.size >= this.#maxRecords) {
      throw new NoRoomError();
    }
    if (next === (known ?? NOBODY)) await this.#values.stored(target);
    else await this.#values.set(target, isEmptyRecord(next) ? null : next);
    if (known?.isErased && isEmptyRecord(next)) this.#onErasedGone();
    return next;
  }

  async *all(): AsyncGenerator<readonly [string, PresenceRecord], void> {
    yield* [...this.#values.entries()];
  }

  async close(): Promise<void> {
    await this.#values.close();
  }
}
