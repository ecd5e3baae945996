/** Writers of an outbox table: backends that insert orders, and a notification of each in the same transaction. */

import { assert } from "@std/assert";
import type { PostgresLink } from "../../src/postgres/link.ts";
import type { PostgresServer } from "../postgres/postgres_server.ts";

const WRITERS = 4;
const RETRY_MS = 20;

export class OutboxWriters {
  readonly #server: PostgresServer;
  readonly #random: () => number;
  readonly #running: Promise<unknown>;
  #written = 0;
  #isStopping = false;

  private constructor(server: PostgresServer, random: () => number) {
    this.#server = server;
    this.#random = random;
    this.#running = Promise.all(Array.from({ length: WRITERS }, () => this.#write()));
  }

  static async started(server: PostgresServer, random: () => number): Promise<OutboxWriters> {
    await server.run("create table orders (n int primary key)");
    return new OutboxWriters(server, random);
  }

  /** Resolves with the orders that are committed, which the database alone knows. */
  async stop(): Promise<number[]> {
    this.#isStopping = true;
    await this.#running;
    const rows = await this.#server.run("select n from orders order by n");
    return rows.map(({ n }) => Number(n));
  }

  /** The number of orders that were tried. */
  get written(): number {
    return this.#written;
  }

  async #write(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#writeUntilKilled();
      } catch { // the database was killed
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Some transactions are rolled back, and some writers die within one. */
  async #writeUntilKilled(): Promise<void> {
    await using link = await this.#server.link();
    while (!this.#isStopping) {
      await link.query("begin");
      for (let rows = 1 + Math.floor(this.#random() * 3); rows > 0; rows--) await this.#insert(link);
      const fate = this.#random();
      if (fate < 0.05) return;
      await link.query(fate < 0.25 ? "rollback" : "commit");
    }
  }

  async #insert(link: PostgresLink): Promise<void> {
    const n = this.#written++;
    const notification = JSON.stringify({ target: "alexander", data: n });
    await link.query("insert into orders values ($1)", [`${n}`]);
    await link.query("insert into tidings_outbox (notification) values ($1)", [notification]);
  }
}

/** Fails unless the numbers have each order once, and nothing else. */
export function assertOnce(received: readonly unknown[], orders: readonly number[]): void {
  const counts = new Map<unknown, number>();
  for (const n of received) counts.set(n, (counts.get(n) ?? 0) + 1);
  const committed = new Set<unknown>(orders);
  const problems = {
    lost: orders.filter((n) => !counts.has(n)),
    repeated: [...counts].filter(([, count]) => count > 1).map(([n]) => n),
    rolledBack: [...counts.keys()].filter((n) => !committed.has(n)),
  };
  assert(Object.values(problems).every(({ length }) => length === 0), JSON.stringify(problems));
}
