/** Waiting for acks, on all nodes: what `Prefer: wait` on `POST /v1/notify` comes to. */

import type { Nodes } from "../cluster/nodes.ts";
import { Problem, unavailable } from "../wire/problem.ts";
import type { Report } from "../reports/report.ts";
import { reportsOf } from "./ask_nodes.ts";

/** A notification that is kept for a target (null: for everyone). */
export interface Kept {
  readonly id: string;
  readonly target: string | null;
  readonly position: string;
  /** RFC 3339. */
  readonly expires: string;
}

/** For how long, at most; the signal says that nobody waits any more. */
interface WaitLimits {
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const MAX_WAITING = 1_024; // requests
const MAX_KEPT = 65_536; // notifications to a target each, of all requests that wait

export class AckWaits {
  readonly #nodes: Nodes;
  readonly #stopping: AbortSignal;
  #waiting = 0;
  #kept = 0;

  /** @param stopping ends all waiting at once */
  constructor(nodes: Nodes, stopping: AbortSignal) {
    this.#nodes = nodes;
    this.#stopping = stopping;
  }

  /** Reserves a place for a request that is going to wait. Throws a {@linkcode Problem} if there is none. */
  enter(): Disposable {
    if (this.#waiting >= MAX_WAITING) {
      throw unavailable(`${MAX_WAITING} requests wait already; nothing was accepted`);
    }
    this.#waiting++;
    return { [Symbol.dispose]: () => void this.#waiting-- };
  }

  /**
   * The report of each id when all that the notifications were sent to have acked, or left, or the time is over.
   * Null if there can't be one of each: one is forgotten, or a node fails, or this is more than can be waited for.
   */
  async reports(
    { kept, ids }: { kept: readonly Kept[]; ids: readonly string[] },
    patience: WaitLimits,
  ): Promise<readonly Report[] | null> {
    if (this.#kept + kept.length > MAX_KEPT) return null;
    this.#kept += kept.length;
    try {
      const reports = await this.#complete(ids);
      if (reports === null) return null;
      await this.#acks(kept, { ...patience, times: new Map(reports.map((one) => [one.id, one.acceptedAt])) });
      return await this.#complete(ids);
    } catch (error) {
      if (error instanceof Problem) return null; // everything is accepted, and has to be answered so
      throw error;
    } finally {
      this.#kept -= kept.length;
    }
  }

  async #complete(ids: readonly string[]): Promise<readonly Report[] | null> {
    const reports = (await reportsOf(this.#nodes, ids)).filter((report) => report !== null);
    return reports.length === ids.length ? reports : null;
  }

  async #acks(
    kept: readonly Kept[],
    { seconds, signal, times }: WaitLimits & { times: ReadonlyMap<string, number> },
  ): Promise<void> {
    const notifications = kept.map(({ id, target, position, expires }) => (
      { id, acceptedAt: times.get(id) ?? 0, target, position, expiresAt: Date.parse(expires) }
    ));
    const question = { kind: "acks", notifications, withinMs: seconds * 1000 } as const;
    const enough = AbortSignal.any([signal, this.#stopping]);
    for await (const _ of this.#nodes.ask(question, enough)); // it is enough that each has answered
  }
}
