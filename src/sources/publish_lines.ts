/** Publishes lines, each a notification in JSON: as many as possible together, with an answer for each, in order. */

import { doesNotFit, Problem, unavailable } from "../wire/problem.ts";
import type { LineAllowance } from "./allowance.ts";
import type { TraceContext } from "../wire/trace_context.ts";
import { type Key, parseDrafts, type ParsedRequest } from "./drafts.ts";
import { parseRequest } from "./publish.ts";
import {
  type ParsedOrProblem,
  PROBLEMS_A_TURN,
  publishGroup,
  type PublishGroupDeps,
  takeGroup,
} from "./publish_group.ts";

export interface PublishLinesDeps extends Required<Pick<PublishGroupDeps, "intake" | "roomFor">> {
  /** Called with the problem of each line that is answered with one. */
  readonly onRefused: (problem: Problem) => void;
  /** What the publisher may still send. Its lines wait for it. Null, or missing: any number. */
  readonly allowance?: LineAllowance | null;
  /** Resolves when others had a turn of the event loop. */
  readonly turn: () => Promise<void>;
  /** Of the request, for the lines that have none of their own. */
  readonly trace?: TraceContext | undefined;
}

/** A line, or why it cannot be read. */
export type Line = string | Problem;

/** The answers to the lines: what a request of its own would be answered, as JSON. */
export interface LineAnswers {
  readonly answers: readonly string[];
  /** False if the last answer is a 503. The lines that follow were not accepted, so that none overtakes it. */
  readonly isOpen: boolean;
}

/**
 * Resolves when each line is accepted or refused. A line that is refused does not affect the others.
 *
 * @param keyOf returns the id of a line by its index, or null if there is no Idempotency-Key
 */
export async function publishLines(
  lines: readonly Line[],
  { keyOf, deps }: { keyOf: (index: number) => string | null; deps: PublishLinesDeps },
): Promise<LineAnswers> {
  const { allowance = null } = deps;
  const parsed: ParsedOrProblem[] = [];
  let problems = 0;
  for (const [index, line] of lines.entries()) {
    const request = parseLine(line, { key: keyOf(index), deps });
    parsed.push(request);
    if (request instanceof Problem && ++problems % PROBLEMS_A_TURN === 0) await deps.turn();
  }
  const refuse = (error: unknown) => refusalOf(error, deps), answers: string[] = [];
  for (let from = 0; from < parsed.length;) {
    const group = takeGroup(parsed, { from, maxDrafts: allowance?.notificationsAtATime ?? Infinity });
    try {
      if (allowance !== null) await waitFor(allowance, countIn(group));
      answers.push(...await publishGroup(group, { ...deps, refuse }));
    } catch (error) {
      answers.push(refuse(error));
      if (problemIn(error).status >= 500) return { answers, isOpen: false };
    }
    from += group.length;
  }
  return { answers, isOpen: true };
}

function parseLine(
  line: Line,
  { key, deps: { intake, allowance, trace } }: { key: string | null; deps: PublishLinesDeps },
): ParsedOrProblem {
  if (typeof line !== "string") return line;
  try {
    const request = parseRequest({ json: line, key, parse: parseOne, trace }, intake);
    allowance?.requireFit(request.drafts.length);
    return request;
  } catch (error) {
    return problemIn(error);
  }
}

function parseOne(line: string, key: Key | null): ParsedRequest {
  const parsed = parseDrafts(line, key);
  if (parsed.isArray) throw doesNotFit("", "a line is limited to one notification");
  return parsed;
}

function countIn(group: readonly ParsedOrProblem[]): number {
  return group.reduce((sum, request) => sum + ("drafts" in request ? request.drafts.length : 0), 0);
}

/**
 * A stream is read only as fast as its lines are answered, so a publisher that is over its limit is slowed down, and its
 * lines stay in order. A 429 for each line would have it send them again, after later ones.
 */
async function waitFor(allowance: LineAllowance, count: number): Promise<void> {
  if (count === 0 || await allowance.waitForNotifications(count)) return;
  throw unavailable("this node is stopping; nothing was accepted");
}

/** The answer to a line that is refused. */
function refusalOf(error: unknown, { onRefused }: PublishLinesDeps): string {
  const problem = problemIn(error);
  onRefused(problem);
  return JSON.stringify(problem);
}

/** Rethrows what is no problem of the line, but a fault of the service. */
function problemIn(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}
