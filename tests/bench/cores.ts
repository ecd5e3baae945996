/** Keeps the server on one core and the load on another, where the system can do that. */

/** Makes a command one that stays on a core. */
export type Pin = (core: number, command: readonly string[]) => readonly string[];

export const SERVER_CORE = 0, LOAD_CORE = 1;

/** @returns how to do it, and what is to be said about it */
export async function pinning(): Promise<{ pin: Pin; note: string }> {
  const free = (_core: number, command: readonly string[]) => command;
  if (navigator.hardwareConcurrency < 2) {
    return { pin: free, note: "Server and load share the only core: read nothing into the figures." };
  }
  if (!await canPin()) {
    return {
      pin: free,
      note: "No taskset here: server and load run on whichever cores the system gives them.",
    };
  }
  const pin: Pin = (core, command) => ["taskset", "-c", `${core}`, ...command];
  return { pin, note: "The server has one core, the load another." };
}

async function canPin(): Promise<boolean> {
  try {
    const args = ["-c", `${LOAD_CORE}`, "true"];
    const { success } = await new Deno.Command("taskset", { args, stderr: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
