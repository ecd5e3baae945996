/** The erasure of a target on this node: everything that may have its name or its notifications, in order. */

import type { Admission } from "../connection/admission.ts";
import type { Session } from "../connection/session.ts";
import { asErased } from "../presence/presence_record.ts";
import { PushEraser } from "../push/push_eraser.ts";
import { ScheduleEraser } from "../sources/schedule_eraser.ts";
import { CLOSE } from "../wire/close_codes.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import type { Pushes } from "./pushes.ts";

/** A part of the service that can forget a target. It may be called again for what is forgotten already. */
interface Forgetful {
  forget(target: string): Promise<void> | void;
}

/**
 * What is due later comes first, so that it does not come back, and pushes follow the journal, which knows the
 * notifications that came meanwhile. Connections end after that, so that none reads what the journal had before. That they
 * have ended may still have to be told, and what is recorded for that goes when it is told.
 */
export function createErasure(
  { hub, reports, recentlyLeft, now }: Pick<Core, "hub" | "reports" | "recentlyLeft" | "now">,
  { backend, admission, pushes }: {
    backend: Backend;
    admission: Pick<Admission, "forget">;
    pushes: Pushes | null;
  },
): (target: string) => Promise<void> {
  const { schedule, journal, subscriptions, lastSeen, presence } = backend;
  const escalation = { forget: (target: string) => pushes?.forget(target) };
  const parts: readonly Forgetful[] = [
    new ScheduleEraser(schedule),
    { forget: (target) => subscriptions.removeAll(target) },
    journal,
    new PushEraser({ journal, schedule, escalation, now }),
    reports,
    recentlyLeft,
    { forget: async (target) => endAll(await hub.connectionsOf(target)) },
    admission,
    lastSeen,
    { forget: async (target) => void await presence?.change(target, asErased) },
    { forget: () => backend.wipe() },
  ];
  return async function erase(target) {
    for (const part of parts) await part.forget(target);
  };
}

/** With 4003, because the page shows what was erased. What waits in their outboxes is not sent. */
function endAll(sessions: readonly Session[]): void {
  for (const session of sessions) session.end(CLOSE.disconnected);
}
