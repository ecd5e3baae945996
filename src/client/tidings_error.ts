/** The errors that a page receives. */

import type { TidingsError } from "./tidings.ts";

export function createTidingsError(
  message: string,
  { final, code, status }: { final: boolean; code?: number | undefined; status?: number | undefined },
): TidingsError {
  return Object.assign(new Error(message), { name: "TidingsError" as const, final, code, status });
}
