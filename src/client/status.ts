/** The status of a connection, and how it changes. */

import type { ConnectionStatus } from "./tidings.ts";

export const INITIAL_STATUS: ConnectionStatus = {
  state: "connecting",
  reason: "",
  retryInMs: 0,
  transport: null,
  target: null,
  connection: null,
};

/** Merges a change into the status. In any state but `open`, there is no connection. */
export function mergeStatus(before: ConnectionStatus, change: Partial<ConnectionStatus>): ConnectionStatus {
  const hasEnded = (change.state ?? "open") !== "open";
  return { ...before, ...(hasEnded && { transport: null, connection: null, retryInMs: 0 }), ...change };
}
