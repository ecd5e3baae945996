/** The memory that this process may use: what is configured, and what the container allows. */

import process from "node:process";

/**
 * The lower of the two limits, in bytes. Null if there is neither, or if the process may not look at its container: Deno
 * lets nothing but `--allow-sys=systemMemoryInfo` read the limit of the control group (cgroup v1 and v2).
 */
export function findMemoryLimit(
  { maxMemoryBytes }: { readonly maxMemoryBytes: number | null },
): number | null {
  const limits = [maxMemoryBytes, containerLimit()].filter((limit) => limit !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** A control group without a limit has one that exceeds the memory of the machine. */
function containerLimit(): number | null {
  const permission = { name: "sys", kind: "systemMemoryInfo" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return null;
  const limit = process.constrainedMemory();
  return limit > 0 && limit < Deno.systemMemoryInfo().total ? limit : null;
}
