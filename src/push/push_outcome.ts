/** What the answer of a push service means. */

import { parseRetryAfter } from "../wire/retry_after.ts";
import type { PushOutcome } from "./push_sender.ts";

/** Time-out, too early, too many; and 406, which is Microsoft's for too many. */
const LATER = [406, 408, 425, 429];
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/** @param options `service` names it in reasons; `now` is in milliseconds since 1970 */
export function toOutcome(
  { ok, status, headers }: Pick<Response, "ok" | "status" | "headers">,
  { service, now }: { service: string; now: number },
): PushOutcome {
  if (ok) return { kind: "sent" };
  if (status === 404 || status === 410) return { kind: "gone" };
  if (status < 500 && !LATER.includes(status)) {
    return { kind: "failed", reason: `${service} answered ${status}` };
  }
  const afterMs = parseRetryAfter(headers.get("retry-after"), now);
  return { kind: "later", afterMs: afterMs === null ? null : Math.min(afterMs, MAX_RETRY_AFTER_MS) };
}
