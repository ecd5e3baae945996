/** Runs the programs that peers need, and says which of them are missing. */

/** Thrown with the reason why a peer is not measured. */
export class NotInstalledError extends Error {}

/** Runs a program. Rejects with {@linkcode NotInstalledError} if it does not exist or fails. */
export async function run(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<void> {
  const output = await outputOf(program, { ...options, args: [...args] });
  if (output.success) return;
  const message = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1);
  throw new NotInstalledError(`${program} ${args[0]} failed: ${message}`);
}

async function outputOf(program: string, options: Deno.CommandOptions): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(program, options).output(); // it throws at once if the program does not exist
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new NotInstalledError(`${program} is not installed`, { cause });
  }
}
