/** Reads the resource usage of a process from /proc on Linux; null elsewhere. */

const TICKS_PER_SECOND = 100; // the unit of /proc on every Linux

/** Returns the CPU time so far in seconds, summed over all threads. */
export function cpuSeconds(pid: number | "self"): number | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The process name before that may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Returns the resident memory in bytes. */
export function residentBytes(pid: number): number | null {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}

function read(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
