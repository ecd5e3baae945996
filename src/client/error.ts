/** Errors, as a page is told of them. */

import type { TidingsError } from "./tidings.ts";

export function tidingsError(
  message: string,
  { final, code, status }: { final: boolean; code?: number | undefined; status?: number | undefined },
): TidingsError {
  return Object.assign(new Error(message), { name: "TidingsError" as const, final, code, status });
}
