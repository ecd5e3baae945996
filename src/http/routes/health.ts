/** `GET /healthz` and `GET /readyz`: is the process alive, and is it to get new connections? */

import type { Handler } from "hono";
import { unavailable } from "../../wire/problem.ts";

export function healthz(): Handler {
  return (c) => c.json({ status: "alive" });
}

export function readyz(
  { isDraining, isReachable }: { isDraining: () => boolean; isReachable: () => boolean },
): Handler {
  return function readyz(c) {
    if (isDraining()) throw unavailable("this node is stopping");
    if (!isReachable()) throw unavailable("the journal cannot be reached");
    return c.json({ status: "ready" });
  };
}
