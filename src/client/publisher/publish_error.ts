/** The errors of a publisher. */

import type { PublishError } from "./publishing.ts";

/** A problem document (RFC 9457). */
export interface ServerProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: PublishError["errors"];
  /** When to repeat what was beyond a limit, in seconds. */
  readonly retry_after?: number;
}

export function createPublishError(
  message: string,
  { final = false, status, type, errors = [] }: {
    readonly final?: boolean;
    readonly status?: number | undefined;
    readonly type?: string;
    readonly errors?: PublishError["errors"];
  } = {},
): PublishError {
  return Object.assign(new Error(message), { name: "PublishError" as const, final, status, type, errors });
}

/** The error of a call whose notifications were refused. */
export function errorOf(problem: ServerProblem): PublishError {
  const { status, title, detail } = problem;
  return createPublishError(`${status} ${title}: ${detail}`, problem);
}

/** Why a signal has aborted. Browsers before 2022 do not say. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? createPublishError("aborted");
}
