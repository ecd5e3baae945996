/** The memory store of when targets were last seen: keeps it until the process ends. */

import { NOWHERE } from "../journal/row_store.ts";
import type { LastSeen } from "./last_seen.ts";
import { StoredLastSeen, type StoredLastSeenOptions } from "./stored_last_seen.ts";

export async function memoryLastSeen(options: StoredLastSeenOptions): Promise<LastSeen> {
  return await StoredLastSeen.open(NOWHERE, options);
}
