/** The entry of a worker: a further isolate that serves connections, on a thread of its own. */

import type { Config } from "../config/config.ts";
import type { Limits } from "../config/limits.ts";
import type { WorkerStart } from "../workers/link.ts";
import { WorkerLink } from "../workers/worker_link.ts";
import { holdLifeLock } from "./life_lock.ts";
import { startLog } from "./log.ts";
import { serve } from "./service.ts";
import type { RingMemory } from "../workers/ring_memory.ts";

/** What a worker is sent first, with three ports: for orders and reports, for calls to the owner, and for its news. */
export interface WorkerTask {
  readonly config: Config;
  readonly limits: Limits;
  /** The name of the lock that it holds as long as it lives. */
  readonly lock: string;
  readonly start: WorkerStart;
}

/**
 * What a worker is sent later. At `stop` it accepts nothing any more, at `close` no isolate does, and it delivers what it
 * has and closes its connections. With `hurry`, it waits for nobody any more.
 */
export type WorkerOrder = "stop" | "close" | "hurry";

/** What a worker says. It has settled when it accepts nothing any more. */
export type WorkerReport =
  | { readonly kind: "linked"; readonly requests: RingMemory }
  | { readonly kind: "listens" | "settled" | "stopped" };

addEventListener("message", (event) => {
  if (event instanceof MessageEvent) void run(event.data, event.ports);
}, { once: true });

/** An error that leaves this function ends the worker, which is then started again. */
async function run(
  { config, limits, lock, start }: WorkerTask,
  [control, calls, news]: readonly MessagePort[],
): Promise<void> {
  if (control === undefined || calls === undefined || news === undefined) {
    throw new Error("three ports are needed");
  }
  const say = (report: WorkerReport) => control.postMessage(report);
  const link = new WorkerLink(start, { calls, news });
  await Promise.all([startLog(config), holdLifeLock(lock)]);
  say({ kind: "linked", requests: link.requests });
  const service = await serve(config, { limits, link });
  const hurry = new AbortController(), othersSettled = Promise.withResolvers<void>();
  const stop = async () => {
    await service.stop({
      hurry: hurry.signal,
      settled() {
        say({ kind: "settled" });
        return othersSettled.promise;
      },
    });
    say({ kind: "stopped" });
  };
  control.onmessage = ({ data: order }: MessageEvent<WorkerOrder>) => {
    switch (order) {
      case "stop":
        return void stop();
      case "close":
        link.inlets.takeAll(); // what other isolates have accepted
        return othersSettled.resolve();
      case "hurry":
        return hurry.abort();
      default:
        return order satisfies never;
    }
  };
  say({ kind: "listens" });
  for await (const error of service.failures) throw error;
}
