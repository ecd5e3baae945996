/** The memory store of presence records: keeps them until the process ends. */

import { NOWHERE } from "../journal/row_store.ts";
import type { PresenceRecords, PresenceRecordsOptions } from "./presence_records.ts";
import { StoredPresence } from "./stored_presence.ts";

export async function memoryPresence(options: PresenceRecordsOptions): Promise<PresenceRecords> {
  return await StoredPresence.open(NOWHERE, options);
}
