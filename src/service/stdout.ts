/** Standard output, to which the log is written. */

const encoder = new TextEncoder();

/** Writes all of the text at once, as the console does. A reader that has gone is no reason to fail. */
export function writeToStdout(text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
