/** Creates the handlers with which this node answers questions about its own connections and reports. */

import { Semaphore } from "../async/semaphore.ts";
import { CLOSE, type Close } from "../wire/close_codes.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { FirstTargets } from "./first_targets.ts";
import type { TargetVisitor } from "../hub/target_scan.ts";
import type { QuestionHandlers } from "./nodes.ts";
import type { Reports } from "../reports/reports.ts";
import type { StreamingConnection } from "../reports/ack_wait.ts";
import type { ReceiveLocally } from "./receive.ts";
import { within } from "../async/within.ts";

/** A connection that the backend can close. */
export interface DismissibleConnection extends StreamingConnection {
  readonly pump: StreamingConnection["pump"] & {
    /** Sends as much as the socket takes within a short time, and resolves after it has closed the socket. */
    dismiss(close: Close): Promise<void>;
  };
}

export interface HandlersDeps {
  /** The connections of a target, or (null) all connections of this node, after a turn of the hub. */
  connectionsOf(target: string | null): Promise<readonly DismissibleConnection[]>;
  /** When a target last had a connection on this node, in milliseconds since 1970. Null: before the linger. */
  seenAt(target: string): number | null;
  /** Shows the visitor all targets of this node that have connections. */
  scanTargets(options: { readonly visitor: TargetVisitor; readonly signal: AbortSignal }): Promise<void>;
  readonly reports: Pick<Reports, "get" | "wait">;
  readonly receive: ReceiveLocally;
  /** Erases everything of a target. */
  readonly erase: (target: string) => Promise<void>;
  readonly metrics: { read(): Promise<Metrics> };
}

export function createHandlers(
  { connectionsOf, seenAt, scanTargets, reports, receive, erase, metrics }: HandlersDeps,
): QuestionHandlers {
  const scans = new Semaphore(1); // many at once would make a turn of the hub long
  return {
    async connections({ target }) {
      const connections = await connectionsOf(target);
      return connections.map(({ id, transport, connectedAt, outbox }) => (
        { id, transport, connectedAt, behind: !outbox.live }
      ));
    },

    seen: ({ target }) => Promise.resolve(seenAt(target)),

    async targets(page, signal) {
      const first = new FirstTargets(page);
      await scans.run(() => scanTargets({ visitor: first, signal }));
      return first.list();
    },

    async disconnect({ target }) {
      const dismissed = new Set(await connectionsOf(target));
      await Promise.all([...dismissed].map(({ pump }) => pump.dismiss(CLOSE.disconnected)));
      let remaining: readonly DismissibleConnection[];
      do remaining = await connectionsOf(target); while (remaining.some((one) => dismissed.has(one)));
      return dismissed.size;
    },

    erase: ({ target }) => erase(target).then(() => null),

    reports: ({ ids }) => Promise.resolve(ids.map((id) => reports.get(id))),

    async acks({ notifications, withinMs }, signal) {
      using wait = reports.wait(notifications);
      const connections = new Map<string | null, readonly DismissibleConnection[]>();
      const find = async (target: string | null) => connections.set(target, await connectionsOf(target));
      await Promise.all([...wait.targets].map(find));
      wait.start(connections);
      await within(wait.settled, { ms: withinMs, signal });
      return null;
    },

    receive: (question) => receive(question),

    metrics: () => metrics.read(),
  };
}
