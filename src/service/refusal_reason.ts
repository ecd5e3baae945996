/** Why a request was refused, as the log shows it. */

import type { Problem, ProblemKind } from "../wire/problem.ts";
import { printable } from "./printable.ts";

/** Their details usually quote what was sent, which does not belong in a log. */
const QUOTING: readonly ProblemKind[] = ["not-json", "does-not-fit"];

export function refusalReason({ kind, message, title, quotesNothing }: Problem): string {
  return QUOTING.includes(kind) && !quotesNothing ? title : printable(message);
}
