/** Spreads connections evenly: a node above its share sends some of its connections to nodes with more room. */

import { Balance, type Load } from "./balance.ts";
import { CLOSE } from "../wire/close_codes.ts";
import type { Connection } from "../hub/connection.ts";

export interface RebalancerDeps {
  /** The known nodes, this one first. */
  members(): readonly Load[];
  /** All connections of this node, after a turn of the hub. */
  connections(): Promise<readonly Connection[]>;
  /** False while the node is stopping, or knows nothing about the other nodes. */
  isReady(): boolean;
  /** Called when the node starts to send connections away. */
  onStart(load: { readonly connections: number; readonly share: number }): void;
  /** Returns a number from 0 to 1. */
  readonly random?: () => number;
}

/**
 * Chooses connections at random, because every fixed order would keep choosing the same ones. The newest connections
 * were moved before or came from a node that crashed. The oldest belong to the users who stay the longest. In the hub's
 * own order, a target with many tabs would lose all of them at once.
 */
export class Rebalancer {
  readonly #deps: RebalancerDeps;
  readonly #balance = new Balance();
  readonly #leaving = new Set<Connection>();
  #isAskingHub = false;
  #isSending = false;

  constructor(deps: RebalancerDeps) {
    this.#deps = deps;
  }

  /**
   * Called once a second. Decides at once how many connections to send away, and resolves after these have received
   * everything that waited for them and have closed.
   */
  async tick(): Promise<void> {
    const [own, ...others] = this.#deps.members();
    if (own === undefined || this.#isAskingHub || !this.#deps.isReady()) return;
    const connections = own.connections - this.#leaving.size;
    const { max, share } = this.#balance.tick({ ...own, connections }, others);
    if (max > 0 && !this.#isSending) this.#deps.onStart({ connections, share });
    this.#isSending = max > 0;
    if (max > 0) await this.#sendAway({ max, share });
  }

  /** The hub may hold fewer connections than the load says: the load includes closing sockets, and some never close. */
  async #sendAway({ max, share }: { max: number; share: number }): Promise<void> {
    const { random = Math.random } = this.#deps;
    const candidates = (await this.#connections()).filter((connection) => !this.#leaving.has(connection));
    const dismissals: Promise<void>[] = [];
    for (let left = Math.min(max, candidates.length - share); left > 0; left--) {
      const drawn = candidates.splice(Math.floor(random() * candidates.length), 1);
      dismissals.push(...drawn.map((connection) => this.#dismiss(connection)));
    }
    await Promise.all(dismissals);
  }

  /** A busy hub answers late. Until it does, `tick` decides nothing more. */
  async #connections(): Promise<readonly Connection[]> {
    this.#isAskingHub = true;
    try {
      return await this.#deps.connections();
    } finally {
      this.#isAskingHub = false;
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
