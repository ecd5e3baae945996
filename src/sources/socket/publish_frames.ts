/** Publishes frames of a publisher's socket: as many as possible together, with an answer for each, in order. */

import { Problem, toProblem, unavailable } from "../../wire/problem.ts";
import type { PublisherAllowance } from "../allowance.ts";
import { parseRequest, type PublishDeps } from "../publish.ts";
import { type ParsedOrProblem, PROBLEMS_A_TURN, publishGroup, takeGroup } from "../publish_group.ts";

export interface PublishFramesDeps {
  readonly intake: PublishDeps;
  /** Records what was thrown, and returns the problem that answers the frame. */
  readonly refuse: (error: unknown) => Problem;
  /** What the publisher may still send. Null: any number. */
  readonly allowance: PublisherAllowance | null;
  /** Resolves when others had a turn of the event loop. */
  readonly turn: () => Promise<void>;
}

/**
 * Resolves with the answers as JSON: to each frame what a request of its own would be answered. One group is appended
 * after the other, so no frame overtakes another.
 *
 * @param frames null for one that the node had no room for
 */
export async function publishFrames(
  frames: readonly (string | null)[],
  { intake, allowance, turn, refuse: recordRefusal }: PublishFramesDeps,
): Promise<readonly string[]> {
  const refuse = (error: unknown) => JSON.stringify(recordRefusal(error)), answers: string[] = [];
  const deps = { intake, refuse };
  const parsed: ParsedOrProblem[] = [];
  let problems = 0;
  for (const json of frames) {
    const request = parseFrame(json, { intake, allowance });
    parsed.push(request);
    if (request instanceof Problem && ++problems % PROBLEMS_A_TURN === 0) await turn();
  }
  for (let from = 0; from < parsed.length;) {
    const group = takeGroup(parsed, { from });
    try {
      answers.push(...await publishGroup(group, deps));
    } catch (error) {
      for (const request of group) answers.push(refuse(request instanceof Problem ? request : error));
    }
    from += group.length;
  }
  return answers;
}

/** What the publisher may not send is refused before it is parsed, if possible. */
function parseFrame(
  json: string | null,
  { intake, allowance }: Pick<PublishFramesDeps, "intake" | "allowance">,
): ParsedOrProblem {
  if (json === null) return unavailable("too much is being received; nothing was accepted");
  try {
    allowance?.takeRequest();
    allowance?.requireNotifications();
    return parseRequest({ json, key: null, allowance }, intake);
  } catch (error) {
    return toProblem(error);
  }
}
