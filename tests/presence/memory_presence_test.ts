/** The memory stores of presence fulfil the contracts. */

import { memoryLastSeen } from "../../src/presence/memory_last_seen.ts";
import { memoryPresence } from "../../src/presence/memory_presence.ts";
import { lastSeenContract } from "../contracts/last_seen.ts";
import { presenceRecordsContract } from "../contracts/presence_records.ts";

presenceRecordsContract("memoryPresence", async (options) => {
  const records = await memoryPresence(options);
  return { records, [Symbol.asyncDispose]: () => records.close() };
});

lastSeenContract("memoryLastSeen", async (options) => {
  const lastSeen = await memoryLastSeen(options);
  return { lastSeen, [Symbol.asyncDispose]: () => lastSeen.close() };
});
