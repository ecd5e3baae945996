/** Calculates how many connections this node has above its share, and how many of them it may send away now. */

/** The connections of a node and the number that it accepts at most, which is 0 while the node is stopping. */
export interface Load {
  readonly node: string;
  readonly connections: number;
  readonly capacity: number;
}

/** The node may send away `max` connections in this tick, as long as it keeps `share` of them. */
export interface Surplus {
  readonly max: number;
  readonly share: number;
}

// Rebalancing starts above this excess, relative to the share and absolute. Nobody would notice a smaller one.
const START_EXCESS = 0.2;
const MIN_EXCESS = 10;
const STOP_EXCESS = 0.03; // relative to the share

const MAX_PER_TICK = 50;
const FRACTION_PER_TICK = 1 / 20; // of the excess, so that it starts fast and slows down towards the end
const BUDGET_FACTOR = 2; // times the excess, which suffices even if half of the connections come back

const PATIENCE_TICKS = 10; // the tabs of a node that crashed have reconnected to other nodes by then
const HISTORY_TICKS = 30; // a tab that was sent away has reconnected by then

/**
 * Decides how many connections a node should send away.
 *
 * It knows the loads that the nodes report, which are slightly out of date, and it does not know which tabs are
 * reconnecting. It therefore uses the largest total of the last ticks, and rather keeps too many connections than too
 * few.
 *
 * Rebalancing starts after the nodes have been the same and uneven for a while. It stops when the node is close to its
 * share, or when its budget is spent. The budget runs out when connections keep coming back, for example behind a proxy
 * that always chooses the same node, or one that does not know the new node. After each start, the next one waits twice
 * as long, until the set of nodes changes. So no connection is moved around for ever.
 */
export class Balance {
  #nodes = "";
  #totals: readonly number[] = [];
  #patienceTicks = PATIENCE_TICKS;
  #unevenTicks = 0;
  #budget = 0; // connections that this round of rebalancing may still send away; 0: no round is running

  /** Called once a second. */
  tick(own: Load, others: readonly Load[]): Surplus {
    const members = [own, ...others];
    this.#observe(members);
    const fraction = own.capacity / sum(members, ({ capacity }) => capacity);
    const share = Math.ceil(Math.max(...this.#totals) * fraction);
    const excess = own.connections - share;
    const room = sum(others, ({ capacity, connections }) => Math.max(0, capacity - connections));
    if (this.#budget === 0) this.#startIfUneven({ excess, share, room });
    else if (excess <= STOP_EXCESS * share) this.#budget = 0;
    if (this.#budget === 0) return { max: 0, share };
    const max = Math.min(this.#budget, MAX_PER_TICK, Math.ceil(excess * FRACTION_PER_TICK), room);
    this.#budget -= max;
    return { max, share };
  }

  #observe(members: readonly Load[]): void {
    const nodes = members.map(({ node, capacity }) => `${node} ${capacity}`).toSorted().join();
    if (nodes !== this.#nodes) {
      this.#patienceTicks = PATIENCE_TICKS;
      this.#unevenTicks = this.#budget = 0;
    }
    this.#nodes = nodes;
    this.#totals = [...this.#totals, sum(members, ({ connections }) => connections)].slice(-HISTORY_TICKS);
  }

  #startIfUneven({ excess, share, room }: { excess: number; share: number; room: number }): void {
    const isUneven = excess > Math.max(START_EXCESS * share, MIN_EXCESS) && room > 0;
    this.#unevenTicks = isUneven ? this.#unevenTicks + 1 : 0;
    if (this.#unevenTicks <= this.#patienceTicks) return;
    this.#budget = BUDGET_FACTOR * excess;
    this.#patienceTicks *= 2;
    this.#unevenTicks = 0;
  }
}

function sum(members: readonly Load[], value: (member: Load) => number): number {
  return members.reduce((total, member) => total + value(member), 0);
}
