/** Publishing: parses a request into drafts, has the intake accept them, and composes the answer. */

import type { Draft, Receipt } from "../journal/journal.ts";
import { doesNotFit, Problem } from "../wire/problem.ts";
import { NO_PUSH } from "../wire/push.ts";
import { toRfc3339 } from "../wire/rfc3339.ts";
import type { NotificationAllowance } from "./allowance.ts";
import type { TraceContext } from "../wire/trace_context.ts";
import { acceptOrSchedule, type AcceptOrScheduleDeps, type ScheduledReceipt } from "./accept_or_schedule.ts";
import { type Key, type LatestPush, parseDrafts, type ParsedRequest } from "./drafts.ts";
import type { Intake } from "./intake.ts";
import { inTrace } from "./in_trace.ts";

/** A request in the form of `POST /v1/notify`, wherever it came from. */
export interface PublishRequest {
  /** The JSON text of one notification, or of an array of them. */
  readonly json: string;
  /** The Idempotency-Key, or the key of a queue message; null: none. */
  readonly key: Key | null;
  /** Parses the text, if it has another form. */
  readonly parse?: ParseRequest;
  /** What the publisher may still send. Null, or missing: any number. */
  readonly allowance?: NotificationAllowance | null;
  /** The trace context of the request, for the notifications that have none of their own. */
  readonly trace?: TraceContext | undefined;
}

/** Throws a {@linkcode Problem} if the request is refused, which it then is as a whole. */
export type ParseRequest = (text: string, key: Key | null) => ParsedRequest;

/** An accepted notification. `expires` is RFC 3339, in UTC. `position` is null if it is to be sent later. */
interface Accepted {
  readonly id: string;
  readonly position: string | null;
  readonly expires: string;
}

/** An accepted notification for one of several targets (null: everyone). */
export type AcceptedForTarget = Accepted & { readonly target: string | null };

/** The result of a request that was accepted as a whole. */
export interface Published {
  /** The body of the 202: one notification alone, or one element for each notification and target. */
  readonly answer: Accepted | { readonly notifications: readonly AcceptedForTarget[] };
  /**
   * Returns one element for each notification and target, in the order of the request. Called only for publishers
   * that wait for acks, which few do.
   */
  readonly accepted: () => readonly AcceptedForTarget[];
  /** The id of each notification, in the order of the request. */
  readonly ids: readonly string[];
  readonly isArray: boolean;
}

export type PublishDeps =
  & AcceptOrScheduleDeps
  & Pick<Intake, "hasPushes">
  & Partial<Pick<Intake, "currentSpan">>;

/**
 * Resolves when the whole request is accepted.
 *
 * @throws {Problem} `not-json`, `does-not-fit`, `too-large`, `bad-request`: nothing was accepted;
 * `id-conflict`: everything else was accepted; `unavailable`: some of it may have been
 */
export async function publish(given: PublishRequest, intake: PublishDeps): Promise<Published> {
  const request = parseRequest(given, intake);
  const receipts = request.scheduled.length === 0
    ? await intake.accept(request.drafts)
    : await acceptOrSchedule(request, intake);
  return publishedOf(request, receipts);
}

/**
 * Parses a request, and refuses what this node can never do, or what the publisher may not do now.
 *
 * @throws {Problem} what `parse` throws, `does-not-fit` for a push, or what the allowance throws
 */
export function parseRequest(
  { json, key, parse = parseDrafts, allowance, trace }: PublishRequest,
  intake: PublishDeps,
): ParsedRequest {
  const request = parse(json, key);
  if (request.latestPush !== null) refuseImpossiblePush(request.latestPush, intake);
  allowance?.takeNotifications(request.drafts.length);
  const span = intake.currentSpan?.();
  return trace === undefined && span === undefined ? request : inTrace(request, { trace, span });
}

export type Receipts = readonly (Receipt | ScheduledReceipt | undefined)[];

/**
 * Composes the result of a request from the receipts of its drafts.
 *
 * @throws {Problem} `id-conflict`
 */
export function publishedOf({ drafts, ids, isArray, isBatch }: ParsedRequest, receipts: Receipts): Published {
  function acceptedAt(index: number): AcceptedForTarget {
    const draft = drafts[index], receipt = receipts[index];
    if (draft === undefined || receipt === undefined || receipt.outcome === "conflict") {
      throw idConflict(drafts, receipts);
    }
    const { id, target } = draft, { position, expiresAt } = receipt;
    return { target, id, position, expires: toRfc3339(expiresAt) };
  }
  const accepted = () => drafts.map((_, index) => acceptedAt(index));
  const answer = isBatch ? { notifications: accepted() } : withoutTarget(acceptedAt(0));
  return { answer, accepted, ids, isArray };
}

/** The schema has compared the time of each push with the `ttl` of its notification, but not with the retention. */
function refuseImpossiblePush({ path, after }: LatestPush, intake: PublishDeps): void {
  const retained = intake.lifeMs(null) / 1000;
  if (intake.hasPushes && after < retained) return;
  const message = intake.hasPushes
    ? `must come before the notification ends, ${retained} seconds after it was sent, by the server's retention`
    : NO_PUSH;
  throw doesNotFit(path, message);
}

function withoutTarget({ id, position, expires }: AcceptedForTarget): Accepted {
  return { id, position, expires };
}

function idConflict(drafts: readonly Draft[], receipts: Receipts): Problem {
  const ids = new Set(
    drafts.filter((_, index) => receipts[index]?.outcome === "conflict").map(({ id }) => id),
  );
  const errors = [...ids].map((id) => ({ path: "id", message: `${id} was used for other content` }));
  return new Problem("id-conflict", "all other notifications of the request are accepted", {
    errors,
  });
}
