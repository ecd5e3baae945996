/** `GET /healthz` and `GET /readyz`: whether the process is alive, and whether it should receive new connections. */

import type { Handler } from "hono";
import { unavailable } from "../../wire/problem.ts";
import { VERSION } from "../../wire/version.ts";

export function healthz(): Handler {
  return (c) => c.json({ status: "alive", version: VERSION });
}

export interface ReadyzDeps {
  readonly isDraining: () => boolean;
  readonly isReachable: () => boolean;
  readonly isWritable: () => boolean;
  readonly isShortOfMemory: () => boolean;
}

export function readyz({ isDraining, isReachable, isWritable, isShortOfMemory }: ReadyzDeps): Handler {
  return function readyz(c) {
    if (isDraining()) throw unavailable("this node is stopping");
    if (!isReachable()) throw unavailable("the journal cannot be reached");
    if (!isWritable()) throw unavailable("the journal cannot be written, so nothing can be published");
    if (isShortOfMemory()) throw unavailable("this node is short of memory");
    return c.json({ status: "ready" });
  };
}
