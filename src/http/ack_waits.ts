/** Waits for the acks of accepted notifications on all nodes, for `Prefer: wait` on `POST /v1/notify`. */

import type { Nodes } from "../cluster/nodes.ts";
import type { Report } from "../reports/report.ts";
import type { AcceptedForTarget } from "../sources/publish.ts";
import { Problem, unavailable } from "../wire/problem.ts";
import { fetchReports } from "./ask_nodes.ts";

interface WaitOptions {
  /** The maximum time to wait. */
  readonly seconds: number;
  /** Aborts when the publisher has disconnected. */
  readonly signal: AbortSignal;
}

const MAX_REQUESTS = 1_024; // that wait at the same time
const MAX_NOTIFICATIONS = 65_536; // to one target each, of all requests that wait

export class AckWaits {
  readonly #nodes: Nodes;
  readonly #stopping: AbortSignal;
  #requests = 0;
  #notifications = 0;

  /** @param stopping ends all waits at once */
  constructor(nodes: Nodes, stopping: AbortSignal) {
    this.#nodes = nodes;
    this.#stopping = stopping;
  }

  /** Reserves a slot for a request that is going to wait. Throws a {@linkcode Problem} if none is free. */
  reserve(): Disposable {
    if (this.#requests >= MAX_REQUESTS) {
      throw unavailable(`${MAX_REQUESTS} requests already wait for acks; nothing was accepted`);
    }
    this.#requests++;
    return { [Symbol.dispose]: () => void this.#requests-- };
  }

  /**
   * Resolves with the report of each id as soon as every connection that received the notifications has acked them or
   * closed, or when the time is over. Resolves with null if a report has expired, a node cannot answer, too many
   * notifications are waited for, or some are to be sent later.
   */
  async reports(
    { accepted, ids }: { accepted: readonly AcceptedForTarget[]; ids: readonly string[] },
    options: WaitOptions,
  ): Promise<readonly Report[] | null> {
    const awaited = accepted.flatMap(({ position, ...rest }) =>
      position === null ? [] : { ...rest, position }
    );
    if (awaited.length < accepted.length) return null;
    if (this.#notifications + accepted.length > MAX_NOTIFICATIONS) return null;
    this.#notifications += accepted.length;
    try {
      const reports = await this.#fetchAll(ids);
      if (reports === null) return null;
      const acceptedAt = new Map(reports.map((report) => [report.id, report.acceptedAt]));
      await this.#waitForAcks(awaited, { ...options, acceptedAt });
      return await this.#fetchAll(ids);
    } catch (error) {
      if (error instanceof Problem) return null; // everything was accepted, so the answer must say so
      throw error;
    } finally {
      this.#notifications -= accepted.length;
    }
  }

  /** Resolves with null unless there is a report of each id. */
  async #fetchAll(ids: readonly string[]): Promise<readonly Report[] | null> {
    const reports = (await fetchReports(this.#nodes, ids)).filter((report) => report !== null);
    return reports.length === ids.length ? reports : null;
  }

  async #waitForAcks(
    accepted: readonly (AcceptedForTarget & { readonly position: string })[],
    { seconds, signal, acceptedAt }: WaitOptions & { acceptedAt: ReadonlyMap<string, number> },
  ): Promise<void> {
    const notifications = accepted.map(({ id, target, position, expires }) => (
      { id, acceptedAt: acceptedAt.get(id) ?? 0, target, position, expiresAt: Date.parse(expires) }
    ));
    const question = { kind: "acks", notifications, withinMs: seconds * 1000 } as const;
    const ended = AbortSignal.any([signal, this.#stopping]);
    for await (const _ of this.#nodes.ask(question, ended)); // a node answers when its connections have acked
  }
}
