/** The answers that this node gives, to itself and to other nodes: of its own connections and its own reports. */

import { CLOSE, type Close } from "../wire/close_codes.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { QuestionHandlers } from "./nodes.ts";
import type { Reports } from "../reports/reports.ts";
import type { StreamingConnection } from "../reports/ack_wait.ts";
import type { ReceiveLocally } from "./receive.ts";
import { within } from "../async/within.ts";

/** A connection that can be sent away. */
export interface DismissibleConnection extends StreamingConnection {
  readonly pump: StreamingConnection["pump"] & {
    /** Sends what the socket takes in good time, then closes. Resolves when that is done. */
    dismiss(close: Close): Promise<void>;
  };
}

/** What the answers are made of. */
export interface HandlersDeps {
  /** The connections of a target, or (null) all of them, after a turn of the hub. */
  connectionsOf(target: string | null): Promise<readonly DismissibleConnection[]>;
  readonly reports: Pick<Reports, "of" | "wait">;
  readonly receive: ReceiveLocally;
  readonly metrics: { read(): Promise<Metrics> };
}

export function createHandlers({ connectionsOf, reports, receive, metrics }: HandlersDeps): QuestionHandlers {
  return {
    async connections({ target }) {
      const connections = await connectionsOf(target);
      return connections.map(({ id, transport, connectedAt, outbox }) => (
        { id, transport, connectedAt, behind: !outbox.live }
      ));
    },

    async disconnect({ target }) {
      const dismissed = new Set(await connectionsOf(target));
      await Promise.all([...dismissed].map(({ pump }) => pump.dismiss(CLOSE.disconnected)));
      let left: readonly DismissibleConnection[];
      do left = await connectionsOf(target); while (left.some((connection) => dismissed.has(connection)));
      return dismissed.size;
    },

    reports: ({ ids }) => Promise.resolve(ids.map((id) => reports.of(id))),

    async acks({ notifications, withinMs }, signal) {
      using wait = reports.wait(notifications);
      const there = new Map<string | null, readonly DismissibleConnection[]>();
      const find = async (target: string | null) => there.set(target, await connectionsOf(target));
      await Promise.all([...wait.targets].map(find));
      wait.found(there);
      await within(wait.settled, { ms: withinMs, signal });
      return null;
    },

    received: (question) => receive(question),

    metrics: () => metrics.read(),
  };
}
