/** How it stands with a connection, from news to news. */

import type { ConnectionStatus } from "./tidings.ts";

export const AT_FIRST: ConnectionStatus = {
  state: "connecting",
  reason: "",
  retryInMs: 0,
  transport: null,
  target: null,
  connection: null,
};

/** News of another state than `open` mean that there is no connection. */
export function statusWith(before: ConnectionStatus, news: Partial<ConnectionStatus>): ConnectionStatus {
  const isOver = (news.state ?? "open") !== "open";
  return { ...before, ...(isOver && { transport: null, connection: null, retryInMs: 0 }), ...news };
}
