/** Why a request that this node sent got no answer. */

/** Returns the reason with `name` in place of the URL, which may be secret. */
export function failureReason(error: unknown, { url, name }: { url: string; name: string }): string {
  return rootOf(error).replaceAll(url, name);
}

/** The error of fetch itself says only that it failed; the reason is in its cause. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootOf(error.cause);
}
