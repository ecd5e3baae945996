/** Waiting for acks, on all nodes: what `Prefer: wait` on `POST /v1/notify` comes to. */

import type { AcceptedForTarget } from "../sources/publish.ts";
import type { Nodes } from "../cluster/nodes.ts";
import { Problem, unavailable } from "../wire/problem.ts";
import type { Report } from "../reports/report.ts";
import { reportsOf } from "./ask_nodes.ts";

/** For how long, at most; the signal says that nobody waits any more. */
interface WaitLimits {
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const MAX_WAITING = 1_024; // requests
const MAX_AWAITED = 65_536; // notifications to a target each, of all requests that wait

export class AckWaits {
  readonly #nodes: Nodes;
  readonly #stopping: AbortSignal;
  #waiting = 0;
  #awaited = 0;

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
    { accepted, ids }: { accepted: readonly AcceptedForTarget[]; ids: readonly string[] },
    patience: WaitLimits,
  ): Promise<readonly Report[] | null> {
    if (this.#awaited + accepted.length > MAX_AWAITED) return null;
    this.#awaited += accepted.length;
    try {
      const reports = await this.#complete(ids);
      if (reports === null) return null;
      await this.#acks(accepted, {
        ...patience,
        times: new Map(reports.map((one) => [one.id, one.acceptedAt])),
      });
      return await this.#complete(ids);
    } catch (error) {
      if (error instanceof Problem) return null; // everything is accepted, and has to be answered so
      throw error;
    } finally {
      this.#awaited -= accepted.length;
    }
  }

  async #complete(ids: readonly string[]): Promise<readonly Report[] | null> {
    const reports = (await reportsOf(this.#nodes, ids)).filter((report) => report !== null);
    return reports.length === ids.length ? reports : null;
  }

  async #acks(
    accepted: readonly AcceptedForTarget[],
    { seconds, signal, times }: WaitLimits & { times: ReadonlyMap<string, number> },
  ): Promise<void> {
    const notifications = accepted.map(({ id, target, position, expires }) => (
      { id, acceptedAt: times.get(id) ?? 0, target, position, expiresAt: Date.parse(expires) }
    ));
    const question = { kind: "acks", notifications, withinMs: seconds * 1000 } as const;
    const enough = AbortSignal.any([signal, this.#stopping]);
    for await (const _ of this.#nodes.ask(question, enough)); // it is enough that each has answered
  }
}
