/** Even spread: a node that has more than its share of the connections sends some of them to nodes with more room. */

import { Balance, type Load } from "./balance.ts";
import { CLOSE } from "../wire/close_codes.ts";
import type { Connection } from "../hub/connection.ts";

/** What spreading needs of the rest of the service. */
export interface RebalancerDeps {
  /** The nodes that are there, this one first. */
  members(): readonly Load[];
  /** All connections of this node, after a turn of the hub. */
  connections(): Promise<readonly Connection[]>;
  /** False while it stops, or knows nothing of the others. */
  isSettled(): boolean;
  /** Told when it begins to send some away, and goes on. */
  began(load: { readonly connections: number; readonly share: number }): void;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * Whom it sends away is drawn by lot, for any order would always find the same: the newest are those that were sent
 * away before or come from a node that died, the oldest belong to those who stay the longest, and in the hub's own
 * order a target with many tabs would have to go as a whole.
 */
export class Rebalancer {
  readonly #deps: RebalancerDeps;
  readonly #balance = new Balance();
  readonly #leaving = new Set<Connection>();
  #isAsking = false;
  #isSending = false;

  constructor(deps: RebalancerDeps) {
    this.#deps = deps;
  }

  /**
   * Called once a second. How many go is decided at once; resolves when those have been sent all that waits for them,
   * and are gone.
   */
  async tick(): Promise<void> {
    const [own, ...others] = this.#deps.members();
    if (own === undefined || this.#isAsking || !this.#deps.isSettled()) return;
    const connections = own.connections - this.#leaving.size;
    const { max, keep } = this.#balance.tick({ ...own, connections }, others);
    if (max > 0 && !this.#isSending) this.#deps.began({ connections, share: keep });
    this.#isSending = max > 0;
    if (max > 0) await this.#sendAway(max, keep);
  }

  /** Fewer than the balance has counted may be here, for it counts sockets that are closing, and some never close. */
  async #sendAway(max: number, keep: number): Promise<void> {
    const { random = Math.random } = this.#deps;
    const here = (await this.#ask()).filter((connection) => !this.#leaving.has(connection));
    const farewells: Promise<void>[] = [];
    for (let left = Math.min(max, here.length - keep); left > 0; left--) {
      const drawn = here.splice(Math.floor(random() * here.length), 1);
      farewells.push(...drawn.map((connection) => this.#dismiss(connection)));
    }
    await Promise.all(farewells);
  }

  /** While a hub that is busy leaves it without an answer, nothing more is decided. */
  async #ask(): Promise<readonly Connection[]> {
    this.#isAsking = true;
    try {
      return await this.#deps.connections();
    } finally {
      this.#isAsking = false;
    }
  }

  async #dismiss(connection: Connection): Promise<void> {
    this.#leaving.add(connection);
    try {
      await connection.pump.finish(CLOSE.moved);
    } finally {
      this.#leaving.delete(connection);
    }
  }
}
