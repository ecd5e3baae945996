/** Runs a command-line tool from npm in a process of its own. */

/**
 * @param specifier an `npm:` specifier, with the name of the command if the package has several
 * @returns what the tool printed
 * @throws {Error} with what the tool printed as an error, if it fails
 */
export async function runTool(specifier: string, options: readonly string[]): Promise<string> {
  const args = ["run", "--allow-all", specifier, ...options];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout);
  if (!success) throw new Error(`${specifier} failed: ${output}${decoder.decode(stderr)}`);
  return output;
}
