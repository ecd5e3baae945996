/** What to say of whatever was thrown, which need not be an error. */

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Its name says nothing of what it quotes. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
