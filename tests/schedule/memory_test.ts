/** The memory schedule fulfils the contract. */

import { memorySchedule } from "../../src/schedule/memory.ts";
import { scheduleContract } from "../contracts/schedule.ts";

scheduleContract("memorySchedule", (options) => {
  const schedule = memorySchedule(options);
  return Promise.resolve({ schedule, [Symbol.asyncDispose]: () => schedule.close() });
});
