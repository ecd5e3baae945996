/** How it stands with a connection, from news to news. */

import type { Standing } from "./tidings.ts";

export const AT_FIRST: Standing = {
  state: "connecting",
  reason: "",
  retryInMs: 0,
  transport: null,
  target: null,
  connection: null,
};

/** News of another state than `open` mean that there is no connection. */
export function standingWith(before: Standing, news: Partial<Standing>): Standing {
  const isOver = (news.state ?? "open") !== "open";
  return { ...before, ...(isOver && { transport: null, connection: null, retryInMs: 0 }), ...news };
}
