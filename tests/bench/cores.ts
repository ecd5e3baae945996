/** Pins the server to one core and the load to another, where the system supports it. */

/** Returns a command that runs another command on one core. */
export type Pin = (core: number, command: readonly string[]) => readonly string[];

export const SERVER_CORE = 0, LOAD_CORE = 1;

/** Resolves with the function that pins, and with a note for the reader of the results. */
export async function createPin(): Promise<{ pin: Pin; note: string }> {
  const unpinned = (_core: number, command: readonly string[]) => command;
  if (navigator.hardwareConcurrency < 2) {
    return { pin: unpinned, note: "Server and load share the only core, so the figures mean nothing." };
  }
  if (!await canPin()) {
    return {
      pin: unpinned,
      note: "taskset is missing: the system chooses the cores of server and load.",
    };
  }
  const pin: Pin = (core, command) => ["taskset", "-c", `${core}`, ...command];
  return { pin, note: "The server and the load each have a core of their own." };
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
