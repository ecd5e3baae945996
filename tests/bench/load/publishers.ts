/** The publishers of a load: each sends a request, waits for the answer, and sends the next. */

import { Answers } from "./answers.ts";
import { microseconds } from "./clock.ts";
import type { Plan, Server } from "./plan.ts";
import { Budget, Pace } from "./pace.ts";
import { type PreparedRequest, requestsOf } from "./requests.ts";
import type { Tally } from "./tally.ts";

/** A connection that requests are sent on. */
export class Publisher implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #answers: Answers;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#answers = new Answers(connection);
  }

  static async open({ port }: Server): Promise<Publisher> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    return new Publisher(connection);
  }

  /** Sends it with the present time on it. Says whether it was accepted. */
  async send(request: PreparedRequest): Promise<boolean> {
    request.stamp(microseconds());
    let sent = await this.#connection.write(request.bytes);
    while (sent < request.bytes.length) sent += await this.#connection.write(request.bytes.subarray(sent));
    const status = await this.#answers.next();
    return status >= 200 && status < 300;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** What they have done so far. */
export interface Published {
  accepted: number;
  failed: number;
}

/** All publishers of a load. */
export class Publishers implements Disposable {
  readonly #plan: Plan;
  readonly #publishers: readonly Publisher[];
  /** Each publisher's own, for they must not change while they are sent. */
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

  /** They are connected, and have all their requests at hand: what is measured later is only the sending. */
  static async open(server: Server, plan: Plan): Promise<Publishers> {
    const publishers: Publisher[] = [];
    while (publishers.length < plan.publishers) publishers.push(await Publisher.open(server));
    const requests = publishers.map(() => requestsOf(server, plan));
    return new Publishers(plan, { publishers, requests });
  }

  /** Resolves when the plan says that it is enough. `readers` is how many tabs of each target should get it. */
  async publish({ tally, readers }: { tally: Tally; readers: readonly number[] }): Promise<Published> {
    const published: Published = { accepted: 0, failed: 0 };
    const budget = new Budget(this.#plan.until);
    let turn = 0; // all publishers together go round the targets: what is under way is for as many as can be
    const work = async (publisher: Publisher, number: number) => {
      const requests = this.#requests[number] ?? [];
      const pace = new Pace(this.#plan, { budget, tally });
      while (await pace.next()) {
        const request = requests[turn++ % requests.length];
        if (request === undefined) return;
        const expected = request.targets.reduce((sum, target) => sum + (readers[target] ?? 0), 0);
        tally.expected += expected;
        if (await publisher.send(request)) {
          published.accepted += request.count;
        } else {
          tally.expected -= expected;
          published.failed++;
        }
      }
    };
    await Promise.all(this.#publishers.map(work));
    return published;
  }

  [Symbol.dispose](): void {
    for (const publisher of this.#publishers) publisher[Symbol.dispose]();
  }
}
