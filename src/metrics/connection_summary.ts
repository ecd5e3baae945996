/** Summarizes all connections of a node in one pass, because there may be 50,000 of them. */

import type { TransportKind } from "../wire/transport_kind.ts";
import type { Metrics } from "./metrics.ts";

/** The properties of a connection that the metrics need. */
export interface MeasuredConnection {
  readonly id: string;
  readonly target: string;
  readonly transport: TransportKind;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly outbox: { readonly live: boolean; readonly bytes: number };
}

/** @param outboxBytes the limit of one outbox */
export function summarizeConnections(
  measured: readonly MeasuredConnection[],
  outboxBytes: number,
): Pick<Metrics, "connections" | "targets" | "behind" | "outbox" | "waitingBytes"> {
  const connections: Record<TransportKind, number> = { websocket: 0, sse: 0 }, targets = new Set<string>();
  let behind = 0, fullest = 0, waitingBytes = 0;
  for (const { transport, target, outbox } of measured) {
    connections[transport]++;
    targets.add(target);
    if (!outbox.live) behind++;
    waitingBytes += outbox.bytes;
    fullest = Math.max(fullest, outbox.bytes);
  }
  const outbox = { taken: fullest, capacity: outboxBytes };
  return { connections, targets: targets.size, behind, outbox, waitingBytes };
}
