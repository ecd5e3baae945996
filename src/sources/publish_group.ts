/** Publishes requests together: each is answered as if it were alone, but all of a group are appended at once. */

import { Problem } from "../wire/problem.ts";
import { acceptOrSchedule } from "./accept_or_schedule.ts";
import type { ParsedRequest } from "./drafts.ts";
import { type PublishDeps, publishedOf, type Receipts } from "./publish.ts";

/** A request, or why it is refused. */
export type ParsedOrProblem = ParsedRequest | Problem;

export interface PublishGroupDeps {
  readonly intake: PublishDeps;
  /** Resolves when there is room for so many more notifications, or when it is in vain to wait. Missing: nothing waits. */
  readonly roomFor?: (count: number) => Promise<void>;
  /** Returns the answer to a request that is refused. */
  readonly refuse: (error: unknown) => string;
}

/** After so many problems, others have a turn: each takes 25 µs, five times as long as a request that is accepted. */
export const PROBLEMS_A_TURN = 100;
const MAX_DRAFTS = 1_000; // of requests that are appended together, unless one alone has more

/**
 * Takes the next requests that can be published together. One that needs the schedule is alone, because the schedule can
 * refuse it, and so is one that was refused for want of room, because it may end everything.
 */
export function takeGroup(
  requests: readonly ParsedOrProblem[],
  { from, maxDrafts = MAX_DRAFTS }: { from: number; maxDrafts?: number },
): readonly ParsedOrProblem[] {
  let to = from;
  for (let drafts = 0; to < requests.length; to++) {
    const request = requests[to];
    if (request === undefined || isAlone(request)) break;
    if (isParsed(request)) drafts += request.drafts.length;
    if (drafts > Math.min(maxDrafts, MAX_DRAFTS)) break;
  }
  return requests.slice(from, Math.max(to, from + 1));
}

/** Resolves with an answer to each request. Rejects if the group is not accepted, with the problem of all of it. */
export async function publishGroup(
  group: readonly ParsedOrProblem[],
  deps: PublishGroupDeps,
): Promise<readonly string[]> {
  const { intake, roomFor, refuse } = deps;
  const [first] = group;
  if (first instanceof Problem && isAlone(first)) throw first;
  const requests = group.filter(isParsed), scheduled = requests[0]?.scheduled ?? [];
  const drafts = requests.flatMap((request) => request.drafts);
  if (drafts.length > 0 && roomFor !== undefined) await roomFor(drafts.length);
  const receipts = scheduled.length > 0
    ? await acceptOrSchedule({ drafts, scheduled }, intake)
    : drafts.length > 0
    ? await intake.accept(drafts)
    : [];
  let next = 0;
  return group.map((request) => {
    if (!isParsed(request)) return refuse(request);
    const from = next;
    next += request.drafts.length;
    return answerTo(request, { receipts: receipts.slice(from, next), refuse });
  });
}

function isAlone(request: ParsedOrProblem): boolean {
  return isParsed(request)
    ? request.scheduled.length > 0 || request.latestPush !== null
    : request.status >= 500;
}

function isParsed(request: ParsedOrProblem): request is ParsedRequest {
  return !(request instanceof Problem);
}

function answerTo(
  request: ParsedRequest,
  { receipts, refuse }: { receipts: Receipts } & Pick<PublishGroupDeps, "refuse">,
): string {
  try {
    return JSON.stringify(publishedOf(request, receipts).answer);
  } catch (error) {
    return refuse(error); // its id was used for other content
  }
}
