/** Which devices a push is to be tried with again, and when. */

import type { DuePush, LeftDevice } from "./push_record.ts";
import type { PushOutcome } from "./push_sender.ts";
import type { Subscription } from "./subscriptions.ts";

/** A try that is to follow. */
export interface NextTry {
  readonly push: DuePush;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** An outcome, and the subscription that it is about. Null: the push is not to be sent to it any more. */
export interface DeviceOutcome {
  readonly subscription: Pick<Subscription, "id">;
  readonly outcome: PushOutcome | null;
}

/** What was not tried, and is left to try. */
export const AT_ONCE: PushOutcome = { kind: "later", afterMs: 0 };
const MIN_RETRY_MS = 5_000, MAX_RETRY_MS = 5 * 60_000;

/** True if it is the device's turn. A push that was never tried is for all devices. */
export function isDueFor(id: string, { left }: Pick<DuePush, "left">, now: number): boolean {
  return left === null || left.some((device) => device.id === id && device.at <= now);
}

/**
 * Each device has its own time, because one push service may ask for an hour when another asks for nothing. Returns null
 * if no device is left.
 *
 * @param options `start` is when the attempts began, and `now` is when they ended, both in milliseconds since 1970
 */
export function nextTry(
  push: DuePush,
  { attempts, start, now }: { attempts: readonly DeviceOutcome[]; start: number; now: number },
): NextTry | null {
  const later = attempts.flatMap(({ subscription: { id }, outcome }) =>
    outcome?.kind === "later" ? { id, outcome, afterMs: outcome.afterMs ?? 0 } : []
  );
  const hasFailed = later.some(({ outcome }) => outcome !== AT_ONCE);
  const attempt = hasFailed ? push.attempts + 1 : push.attempts;
  const backoff = backoffMs(attempt); // the same for all, so that they are tried together
  const again = later.map(({ id, outcome, afterMs }): LeftDevice => (
    { id, at: now + (outcome === AT_ONCE ? 0 : Math.max(afterMs, backoff)) }
  ));
  const left = [...(push.left ?? []).filter(({ at }) => at > start), ...again];
  if (left.length === 0) return null;
  return { push: { ...push, attempts: attempt, left }, at: Math.min(...left.map(({ at }) => at)) };
}

/** It doubles with each attempt, and varies so that pushes that failed together are not tried again together. */
function backoffMs(attempt: number): number {
  const ms = Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** (attempt - 1));
  return Math.ceil(ms * (1 + Math.random() / 4)); // times are whole milliseconds, also in files
}
