/** How many files this process may open, and the processes that it starts: a connection is a file at each end. */

export const MAX_OPEN_FILES: number = readLimit();

/** Files that are no connections of tabs: programs, listeners, requests, and the connection to NATS. */
const SPARE_FILES = 200;

/** How many tabs a node or a process with tabs can have. */
export const MAX_TABS_PER_PROCESS: number = Math.min(MAX_OPEN_FILES - SPARE_FILES, 50_000);

/** Deno raises the limit to what the system allows. */
function readLimit(): number {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  return Number(/^Max open files +(\d+)/m.exec(limits)?.[1]);
}
