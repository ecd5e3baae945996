/** Composes the sessions of connections, and what observes their deliveries and their ends. */

import type { DrainPoller } from "../connection/drain_poller.ts";
import { ExpiryWheel } from "../connection/expiry_wheel.ts";
import { createFrameEncoder } from "../connection/frame_encoding.ts";
import type { DeliveryObserver } from "../connection/session.ts";
import { Sessions } from "../connection/sessions.ts";
import type { Inbox } from "../processor/inbox.ts";
import type { Backend } from "./backend.ts";
import type { Core } from "./core.ts";
import type { Pushes } from "./pushes.ts";

export function createSessions(
  core: Core,
  { backend, inbox, drains, pushes }: {
    backend: Backend;
    inbox: Inbox;
    drains: DrainPoller;
    pushes: Pushes | null;
  },
): Sessions {
  const { config, limits, hub, metrics, recentlyLeft, refusals, reports, now, report, tracing } = core;
  const deliveries: DeliveryObserver = {
    onSent(notifications, connection) {
      metrics.sent(notifications, connection);
      reports.sent(notifications, connection.id);
      pushes?.sent(notifications);
      tracing?.sent(notifications);
    },
    onEnd(session, close) {
      metrics.left(close);
      refusals.closed(close, session);
      reports.left(session);
      if (close === null) recentlyLeft.add(session);
    },
  };
  return new Sessions({
    registrations: hub.registrations,
    deregistrations: hub.deregistrations,
    inbox,
    journal: backend.journal,
    drains,
    expiries: new ExpiryWheel({ everyMs: limits.expiryCheckMs, now }),
    isRevoked: (token) => backend.revocations.isRevoked(token),
    encodeFrame: createFrameEncoder(),
    deliveries,
    onRefused: (problem, connection) => refusals.messages(problem, connection),
    outboxBytes: config.outboxBytes,
    onFellBehind: () => metrics.fellBehind(),
    report,
  });
}
