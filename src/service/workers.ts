/** The workers of a node: starts further isolates, starts again those that fail, and stops them. */

import { pause } from "../async/pause.ts";
import { within } from "../async/within.ts";
import type { Config } from "../config/config.ts";
import type { Limits } from "../config/limits.ts";
import type { OwnerLink } from "../workers/owner_link.ts";
import { ownerMethods } from "../workers/owner_methods.ts";
import { serveCalls } from "../workers/port_calls.ts";
import type { Backend } from "./backend.ts";
import { untilReleased } from "./life_lock.ts";
import type { WorkerOrder, WorkerReport, WorkerTask } from "./worker.ts";

export interface WorkersDeps {
  /** With the ports that the node listens on. */
  readonly config: Config;
  readonly limits: Limits;
  readonly link: OwnerLink;
  readonly backend: Backend;
  readonly log: Record<"error", (message: string, properties: Record<string, unknown>) => void>;
  readonly report: (error: unknown) => void;
  readonly spawn?: (name: string) => Worker;
}

/** One worker, from its start to its end. */
interface RunningWorker {
  readonly worker: Worker;
  /** The name of the lock that it holds. */
  readonly lock: string;
  /** Aborts when it is forgotten. */
  readonly gone: AbortController;
  readonly control: MessagePort;
  readonly calls: MessagePort;
  readonly listens: PromiseWithResolvers<void>;
  /** Resolves when it accepts nothing any more. */
  readonly settled: PromiseWithResolvers<void>;
  readonly stopped: PromiseWithResolvers<void>;
  readonly startedAt: number;
}

const ENTRY = new URL("worker.ts", import.meta.url);
const MIN_PAUSE_MS = 100, MAX_PAUSE_MS = 10_000;
/** How much later its error may be heard of than that a worker has ended. */
const ERROR_MS = 50;
/** A worker that has run for so long did not fail because of how it was started. */
const SOUND_AFTER_MS = 60_000;

export class Workers {
  readonly #deps: WorkersDeps;
  readonly #workers = new Map<number, RunningWorker>();
  readonly #pauses = new Map<number, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isStopping = false;

  private constructor(deps: WorkersDeps) {
    this.#deps = deps;
  }

  /** Resolves when all workers listen. Rejects with what keeps the first of them from it. */
  static async start(deps: WorkersDeps): Promise<Workers> {
    const workers = new Workers(deps);
    const isolates = Array.from({ length: deps.config.workers - 1 }, (_, index) => index + 1);
    try {
      await Promise.all(isolates.map((isolate) => workers.#start(isolate).listens.promise));
    } catch (error) {
      workers.terminate();
      throw error;
    }
    return workers;
  }

  /** Has all workers accept nothing any more. They wait for nobody when the signal aborts. */
  stop(hurry?: AbortSignal): void {
    this.#isStopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#orderAll("stop");
    hurry?.addEventListener("abort", () => this.#orderAll("hurry"));
  }

  /** Resolves when no worker accepts anything. Call it when this isolate does not either: now all close their connections. */
  async settled({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const running = [...this.#workers.values()];
    await within(Promise.all(running.map(({ settled }) => settled.promise)), { signal });
    await this.#deps.link.written(signal);
    this.#orderAll("close");
  }

  /** Resolves when all workers have delivered what they hold and have closed their connections. */
  async stopped({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const running = [...this.#workers.values()];
    await within(Promise.all(running.map(({ stopped }) => stopped.promise)), { signal });
  }

  /** Ends all workers at once. */
  terminate(): void {
    this.#isStopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const isolate of [...this.#workers.keys()]) this.#forget(isolate);
  }

  #orderAll(order: WorkerOrder): void {
    for (const { control } of this.#workers.values()) control.postMessage(order);
  }

  #start(isolate: number): RunningWorker {
    const { config, limits, link, backend, report, spawn = spawnWorker } = this.#deps;
    const worker = spawn(`tidings-${isolate}`);
    const control = new MessageChannel(), calls = new MessageChannel(), news = new MessageChannel();
    const running: RunningWorker = {
      worker,
      lock: crypto.randomUUID(),
      gone: new AbortController(),
      control: control.port1,
      calls: calls.port1,
      listens: Promise.withResolvers(),
      settled: Promise.withResolvers(),
      stopped: Promise.withResolvers(),
      startedAt: performance.now(),
    };
    this.#workers.set(isolate, running);
    const countTargets = () => link.countTargets();
    const before = () => link.inlets.takeAllOf(isolate);
    serveCalls(calls.port1, ownerMethods({ ...backend, countTargets }), { before, report });
    control.port1.onmessage = ({ data }: MessageEvent<WorkerReport>) => this.#hear(isolate, data);
    worker.onerror = (event) => {
      event.preventDefault(); // otherwise the process ends
      this.#fail(isolate, event.message);
    };
    const start = link.prepare(isolate, {
      port: news.port1,
      revocations: backend.knownRevocations(),
    });
    const task: WorkerTask = { config, limits, lock: running.lock, start };
    worker.postMessage(task, [control.port2, calls.port2, news.port2]);
    return running;
  }

  #hear(isolate: number, report: WorkerReport): void {
    const running = this.#workers.get(isolate);
    switch (report.kind) {
      case "linked":
        if (running !== undefined) void this.#watch(isolate, running);
        return this.#deps.link.connect(isolate, report.requests);
      case "listens":
        return running?.listens.resolve();
      case "settled":
        return running?.settled.resolve();
      case "stopped":
        return running?.stopped.resolve();
      default:
        return report satisfies never;
    }
  }

  /** Notices that a worker has ended, also without an error. If there was one, that is heard of at the same time. */
  async #watch(isolate: number, { lock, gone: { signal } }: RunningWorker): Promise<void> {
    await untilReleased(lock, signal).catch(() => {}); // it is forgotten already
    await pause(ERROR_MS, signal);
    if (!signal.aborted) this.#fail(isolate, "it has ended");
  }

  #fail(isolate: number, reason: string): void {
    const running = this.#workers.get(isolate);
    if (running === undefined) return;
    this.#forget(isolate);
    running.listens.reject(new Error(reason));
    running.listens.promise.catch(() => {}); // of a worker that was started again, nobody waits for this
    running.settled.resolve();
    running.stopped.resolve();
    if (this.#isStopping) return;
    const isSound = performance.now() - running.startedAt > SOUND_AFTER_MS;
    const ms = isSound ? MIN_PAUSE_MS : this.#pauses.get(isolate) ?? MIN_PAUSE_MS;
    this.#pauses.set(isolate, Math.min(2 * ms, MAX_PAUSE_MS));
    this.#deps.log.error("worker {isolate} has failed, and starts again: {reason}", { isolate, reason });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start(isolate);
    }, ms);
    this.#timers.add(timer);
  }

  #forget(isolate: number): void {
    const running = this.#workers.get(isolate);
    if (running === undefined) return;
    this.#workers.delete(isolate);
    running.gone.abort();
    running.worker.terminate();
    for (const port of [running.control, running.calls]) port.close();
    this.#deps.link.leave(isolate);
  }
}

function spawnWorker(name: string): Worker {
  return new Worker(ENTRY, { type: "module", name });
}
