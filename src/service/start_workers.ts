/** Composes the workers of a node that has any. */

import { OwnerLink } from "../workers/owner_link.ts";
import { orConfigError } from "./config_error.ts";
import type { Core } from "./core.ts";
import type { Listeners, ListenersDeps } from "./listeners.ts";
import { log } from "./log.ts";
import { Workers, type WorkersDeps } from "./workers.ts";

/** How the port is shared with the other isolates of the process. */
export function sharingOf(link: Core["link"]): ListenersDeps["sharing"] {
  if (link === null) return null;
  return link instanceof OwnerLink ? "first" : "others";
}

/**
 * Rejects with a {@linkcode ConfigError} if a worker cannot start, for example because it may not read its sources. Only the
 * isolate that owns the journal has workers. They have no queue and no outbox table, which one reader suffices for.
 */
export async function startWorkers(
  { config, limits, link, report }: Core,
  { backend, listeners, spawn }: Pick<WorkersDeps, "backend" | "spawn"> & { listeners: Listeners },
): Promise<Workers | null> {
  if (!(link instanceof OwnerLink)) return null;
  const { main, admin } = listeners;
  const own = { ...config, port: main.port, admin, queue: null, outboxTable: null };
  const workers = Workers.start({
    config: own,
    limits,
    link,
    backend,
    log,
    report,
    ...spawn !== undefined && { spawn },
  });
  return await orConfigError("TIDINGS_WORKERS", workers);
}
