/** Finds what Deno does not let the process do with the file of a journal, before it is opened. */

import { dirname } from "node:path";

/**
 * The permissions that are missing, as flags of Deno. Empty if there are enough. Deno's own error would name one of them
 * after the other, and end the worker.
 *
 * @param path of the file; SQLite makes others beside it
 * @param worker the module that opens it
 */
export function missingPermissions(path: string, worker: URL): string[] {
  const folder = dirname(path), code = new URL(".", worker);
  const unreadable = [folder, ...worker.protocol === "file:" ? [code] : []].filter((one) =>
    !isGranted("read", one)
  );
  return [
    ...unreadable.map((one) => `--allow-read=${one instanceof URL ? one.pathname : one}`),
    ...isGranted("write", folder) ? [] : [`--allow-write=${folder}`],
  ];
}

function isGranted(name: "read" | "write", path: string | URL): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}
