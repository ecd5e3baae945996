/** The message of whatever was thrown. The worker may read the code of no other room, so it cannot use that of `wire/`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
