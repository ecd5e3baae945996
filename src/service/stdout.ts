/** Standard output, to which the log is written. */

/** Writes all of the bytes at once, as the console does. A reader that has gone is no reason to fail. */
export function writeToStdout(bytes: Uint8Array): void {
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
