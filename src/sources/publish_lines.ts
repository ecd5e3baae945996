/** Publishes lines, each a notification in JSON: as many as possible together, with an answer for each, in order. */

import { Problem } from "../wire/problem.ts";
import { acceptOrSchedule } from "./accept_or_schedule.ts";
import { parseDrafts, type ParsedRequest } from "./drafts.ts";
import { type PublishDeps, publishedOf, type Receipts, refuseImpossiblePush } from "./publish.ts";

export interface PublishLinesDeps {
  readonly intake: PublishDeps;
  /** Resolves when there is room for so many more notifications, or when it is in vain to wait. */
  readonly roomFor: (count: number) => Promise<void>;
  /** Called with the problem of each line that is answered with one. */
  readonly onRefused: (problem: Problem) => void;
}

/** A line, or why it cannot be read. */
export type Line = string | Problem;

/** The answers to the lines: what a request of its own would be answered, as JSON. */
export interface LineAnswers {
  readonly answers: readonly string[];
  /** False if the last answer is a 503. The lines that follow were not accepted, so that none overtakes it. */
  readonly isOpen: boolean;
}

type ParsedLine = ParsedRequest | Problem;

const MAX_DRAFTS = 1_000; // from which on no more lines are added to those that are appended together

/**
 * Resolves when each line is accepted or refused. A line that is refused does not affect the others.
 *
 * @param keyOf returns the id of a line by its index, or null if there is no Idempotency-Key
 */
export async function publishLines(
  lines: readonly Line[],
  { keyOf, deps }: { keyOf: (index: number) => string | null; deps: PublishLinesDeps },
): Promise<LineAnswers> {
  const parsed = lines.map((line, index) => parseLine(line, { key: keyOf(index), intake: deps.intake }));
  const answers: string[] = [];
  for (let from = 0; from < parsed.length;) {
    const group = takeGroup(parsed, from);
    try {
      answers.push(...await publishGroup(group, deps));
    } catch (error) {
      answers.push(refusalOf(error, deps));
      if (problemIn(error).status >= 500) return { answers, isOpen: false };
    }
    from += group.length;
  }
  return { answers, isOpen: true };
}

function parseLine(
  line: Line,
  { key, intake }: { key: string | null; intake: PublishDeps },
): ParsedLine {
  if (typeof line !== "string") return line;
  try {
    const parsed = parseDrafts(line, key);
    if (parsed.isArray) throw notOne();
    if (parsed.latestPush !== null) refuseImpossiblePush(parsed.latestPush, intake);
    return parsed;
  } catch (error) {
    return problemIn(error);
  }
}

function notOne(): Problem {
  const message = "a line is limited to one notification";
  return new Problem("does-not-fit", message, { errors: [{ path: "", message }] });
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

/** A line that is to be sent later is a group of its own, because the schedule can refuse it. So is one that ends all. */
function takeGroup(parsed: readonly ParsedLine[], from: number): readonly ParsedLine[] {
  let to = from;
  for (let drafts = 0; to < parsed.length && drafts < MAX_DRAFTS; to++) {
    const line = parsed[to];
    if (line === undefined || isAlone(line)) return parsed.slice(from, Math.max(to, from + 1));
    if (isRequest(line)) drafts += line.drafts.length;
  }
  return parsed.slice(from, to);
}

function isAlone(line: ParsedLine): boolean {
  return isRequest(line) ? line.scheduled.length > 0 : line.status >= 500;
}

function isRequest(line: ParsedLine): line is ParsedRequest {
  return !(line instanceof Problem);
}

/** Resolves with an answer for each line of the group. Rejects with the problem of a group that is not accepted. */
async function publishGroup(
  group: readonly ParsedLine[],
  deps: PublishLinesDeps,
): Promise<readonly string[]> {
  const { intake, roomFor } = deps;
  const [first] = group;
  if (first instanceof Problem && isAlone(first)) throw first;
  const requests = group.filter(isRequest), scheduled = requests[0]?.scheduled ?? [];
  const drafts = requests.flatMap((line) => line.drafts);
  if (drafts.length > 0) await roomFor(drafts.length);
  const receipts = scheduled.length > 0
    ? await acceptOrSchedule({ drafts, scheduled }, intake)
    : drafts.length > 0
    ? await intake.accept(drafts)
    : [];
  let next = 0;
  return group.map((line) => {
    if (!isRequest(line)) return refusalOf(line, deps);
    const from = next;
    next += line.drafts.length;
    return answerTo(line, { receipts: receipts.slice(from, next), deps });
  });
}

function answerTo(
  line: ParsedRequest,
  { receipts, deps }: { receipts: Receipts; deps: PublishLinesDeps },
): string {
  try {
    return JSON.stringify(publishedOf(line, receipts).answer);
  } catch (error) {
    return refusalOf(error, deps); // its id was used for other content
  }
}
