/** The entry of a worker: a further isolate that serves connections, on a thread of its own. */

import type { Config } from "../config/config.ts";
import { WorkerLink } from "../workers/worker_link.ts";
import type { WorkerStart } from "../workers/link.ts";
import { serve } from "./service.ts";
import { startLog } from "./log.ts";

declare const self: { postMessage(message: unknown): void; onmessage: ((event: MessageEvent) => void) | null };

self.onmessage = async ({ data, ports: [port] }: MessageEvent<{ config: Config; start: WorkerStart }>) => {
  self.onmessage = null;
  const { config, start } = data;
  await startLog(config);
  const link = new WorkerLink(start);
  link.port = port;
  self.postMessage({ requests: link.requests });
  await serve(config, { link });
  self.postMessage({ listening: true });
};
