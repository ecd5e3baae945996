/** Whether a process has the file of a SQLite journal open, as a service does. */

/**
 * Tries the lock that the process would hold (see `FileGuard`). The lock that this takes for the moment is shared, so
 * two that look at once do not take each other for a service.
 *
 * @throws {Deno.errors.NotFound} if there is no file
 */
export function isInUse(path: string): boolean {
  using file = Deno.openSync(path);
  return !file.tryLockSync(false);
}
