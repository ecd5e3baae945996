/** The presence records port: keeps a record for each target that is online, or has events that nobody was told yet. */

import { UnavailableError } from "../journal/journal.ts";
import type { ChangeRecord, PresenceRecord } from "./presence_record.ts";

export interface PresenceRecordsOptions {
  /** The most that all records together may take: memory on a single node, and disk with NATS. */
  readonly maxBytes: number;
}

/** There is no record of the target, and no room for one. Whoever repeats the change may have to wait for hours. */
export class NoRoomError extends UnavailableError {
  constructor(options?: ErrorOptions) {
    super("there is no room for the presence of more targets", options);
  }
}

/**
 * The contract of all stores of presence records. `tests/contracts/presence_records.ts` tests it, and every adapter runs
 * that suite. The records survive what the journal survives.
 *
 * Methods may be called concurrently until `close`, and reject with `UnavailableError` of the journal's port. A change
 * may have been made then, and may be repeated.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { memoryPresence } from "./memory_presence.ts";
 * import { withNode } from "./presence_record.ts";
 *
 * const records: PresenceRecords = await memoryPresence({ maxBytes: 1024 * 1024 });
 * const moment = { node: "n1", at: 1_000, now: 1_000 };
 * const { nodes, events } = await records.change("alexander", (record) => withNode(record, moment));
 * assertEquals([nodes, events[0]?.type], [{ n1: 1_000 }, "target.online"]);
 * await records.close();
 * ```
 */
export interface PresenceRecords {
  /**
   * Replaces the record of a target by what the function makes of it. Of several nodes that change a record at once,
   * each makes its change to the result of another, so the function may be called several times. Resolves with the new
   * record when it is as durable as the adapter makes it. A record that says nothing is removed. Rejects with
   * {@linkcode NoRoomError} if the target has no record, and none may be added.
   */
  change(target: string, change: ChangeRecord): Promise<PresenceRecord>;

  /**
   * All records, in no particular order. One that is changed meanwhile may be seen as it was before, or several times. None
   * is left out.
   */
  all(): AsyncIterable<readonly [target: string, record: PresenceRecord]>;

  /** The times that records may have been lost, or that this node may have been taken for gone. Synchronous. */
  readonly interruptions: number;

  /** Stops everything that the store runs. */
  close(): Promise<void>;
}
