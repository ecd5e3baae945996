/** Records what is refused: counts it, logs it, and reports its cause if the request has not caused it. */

import { type Problem, type ProblemKind, toProblem } from "../wire/problem.ts";
import type { Exchange } from "./exchange.ts";

export interface RefusalDeps {
  /** Counts a request that was answered with a problem. */
  readonly metrics: { refused(status: number, kind?: ProblemKind): void };
  readonly refusals: { request(problem: Problem, request: RefusedRequest): void };
  /** Called with errors that the request has not caused. */
  readonly report: (error: unknown) => void;
}

/** The part of a request that the log shows. URLs are not shown, because they can contain tokens. */
export interface RefusedRequest {
  readonly method: string;
  /** The pattern of the path, for example `/v1/targets/:target`. */
  readonly route: string;
  /** The `Origin`, which pages send and programs do not. */
  readonly origin: string | undefined;
  /** The name of the publisher key that the request has, if it is known. */
  readonly key: string | undefined;
  /** The exchange that the refusal ends. Undefined without an access log. */
  readonly exchange?: Exchange | undefined;
}

/** Returns the problem that answers the request. */
export function recordRefusal(error: unknown, request: RefusedRequest, deps: RefusalDeps): Problem {
  const problem = toProblem(error);
  if (problem.status >= 500 && problem.cause !== undefined) deps.report(problem.cause);
  deps.metrics.refused(problem.status, problem.kind);
  deps.refusals.request(problem, request);
  return problem;
}
