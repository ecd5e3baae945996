/** Checks whether this process may open as many files as the service has connections (`ulimit -n`). */

import type { CheckFinding } from "./check_finding.ts";

/** For the journal, NATS, listening, and requests. */
const OTHER_FILES = 100;
/** More are not tried, because each takes 20 µs. */
const MAX_TRIED = 200_000;
/** A file that the service may read. */
const FILE = new URL("../../journal/journal.ts", import.meta.url);

/**
 * Opens files until it cannot: Deno lets nobody read the limit, and raises it at its start as far as it can.
 *
 * @param options.isStrict false: too few are only a warning, as on the machine of a developer
 */
export function checkOpenFiles(
  { maxConnections }: { readonly maxConnections: number },
  { isStrict }: { readonly isStrict: boolean },
): CheckFinding {
  const needed = maxConnections + OTHER_FILES;
  const tried = Math.min(needed, MAX_TRIED);
  const opened = countOpenable(tried);
  const found = (status: CheckFinding["status"], message: string): CheckFinding => ({
    status,
    check: "open files",
    message,
  });
  if (opened < tried) {
    return found(
      isStrict ? "fail" : "warn",
      `only ${opened} more can be opened, and ${maxConnections} connections (TIDINGS_MAX_CONNECTIONS) need ${needed}: ` +
        "raise `ulimit -n`",
    );
  }
  return found("ok", `${tried} can be opened, and TIDINGS_MAX_CONNECTIONS is ${maxConnections}`);
}

function countOpenable(max: number): number {
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < max) files.push(Deno.openSync(FILE));
  } catch (error) {
    if (!/too many open files/i.test(String(error))) throw error;
  } finally {
    for (const file of files) file.close();
  }
  return files.length;
}
