/** The publishers of a load: each sends requests, waits for the responses, and sends the next ones. */

import { HttpPublisher } from "./http_publisher.ts";
import { LinePublisher } from "./line_publisher.ts";
import type { Plan, Server } from "./plan.ts";
import { Budget, Pacer } from "./pacer.ts";
import { type PreparedRequest, requestsOf } from "./requests.ts";
import type { DeliveryStats } from "./delivery_stats.ts";
import { SocketPublisher } from "./socket_publisher.ts";

/** A publisher with its own connection. */
interface Publisher extends Disposable {
  /** Sends the request with the current time in it, and resolves with whether the server accepted it. */
  send(request: PreparedRequest): Promise<boolean>;
}

const PUBLISHERS = {
  requests: HttpPublisher,
  calls: HttpPublisher,
  frames: SocketPublisher,
  chunks: LinePublisher,
};

export interface Published {
  accepted: number;
  failed: number;
}

/** All publishers of a load. */
export class Publishers implements Disposable {
  readonly #plan: Plan;
  readonly #publishers: readonly Publisher[];
  /** Each publisher has requests of its own, because they must not change while they are sent. */
  readonly #requests: readonly (readonly PreparedRequest[])[];

  private constructor(
    plan: Plan,
    { publishers, requests }: {
      publishers: readonly Publisher[];
      requests: readonly (readonly PreparedRequest[])[];
    },
  ) {
    this.#plan = plan;
    this.#publishers = publishers;
    this.#requests = requests;
  }

  /** Connects the publishers and prepares their requests, so that a measurement covers only the sending. */
  static async open(server: Server, plan: Plan): Promise<Publishers> {
    const publishers: Publisher[] = [];
    const { open } = PUBLISHERS[plan.over];
    while (publishers.length < plan.publishers) publishers.push(await open(server));
    const requests = publishers.map(() => requestsOf(server, plan));
    return new Publishers(plan, { publishers, requests });
  }

  /**
   * Publishes until the plan ends. `readers` has the number of tabs per target that should receive a
   * notification.
   */
  async publish(
    { stats, readers }: { stats: DeliveryStats; readers: readonly number[] },
  ): Promise<Published> {
    const published: Published = { accepted: 0, failed: 0 };
    const budget = new Budget(this.#plan.until);
    // Publishers share the rotation over the targets, so that requests in flight have different targets.
    let turn = 0;
    const work = async (publisher: Publisher, number: number) => {
      const requests = this.#requests[number] ?? [];
      const pacer = new Pacer(this.#plan, { budget, stats });
      while (await pacer.next()) {
        const request = requests[turn++ % requests.length];
        if (request === undefined) return;
        const expected = request.targets.reduce((sum, target) => sum + (readers[target] ?? 0), 0);
        stats.expected += expected;
        if (await publisher.send(request)) {
          published.accepted += request.count;
        } else {
          stats.expected -= expected;
          published.failed++;
        }
      }
    };
    const unanswered = Array.from({ length: this.#plan.unanswered });
    await Promise.all(
      this.#publishers.flatMap((publisher, number) => unanswered.map(() => work(publisher, number))),
    );
    return published;
  }

  [Symbol.dispose](): void {
    for (const publisher of this.#publishers) publisher[Symbol.dispose]();
  }
}
