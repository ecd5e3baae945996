/** The balance between nodes: how many connections this one has too many, and how many of them may go now. */

/** What a node has, and may have. A node that takes no more, for it is stopping, has a capacity of 0. */
export interface Load {
  readonly node: string;
  readonly connections: number;
  readonly capacity: number;
}

/** What may be done in a second: `most` connections sent away, as long as `keep` are left. */
export interface Surplus {
  readonly max: number;
  readonly keep: number;
}

const BEGINS_ABOVE = 0.2; // of its share: less is nothing that anybody notices,
const MIN_EXCESS = 10; // nor are so few
const ENDS_ABOVE = 0.03;
const MAX_PER_TICK = 50;
const PART_A_TICK = 1 / 20; // of what is too much: fast at first, and a soft landing
const BUDGET = 2; // times the excess: if half of those sent away came back, it would just do
const PATIENCE_TICKS = 10; // by then the tabs of a node that died have found another
const MEMORY_TICKS = 30; // by then a tab that was sent away is somewhere

/**
 * Decides how many a node has too many. It knows only what each node says of itself, a little late, and nothing of
 * the tabs that are on their way: so the total is the largest of the last moments, which keeps too many rather than
 * too few.
 *
 * It begins when the nodes have been the same and uneven for a while, and goes on until it has what it should have,
 * or until it has sent away so many that they must be coming back: behind a proxy that always chooses the same node,
 * or one that doesn't know the new node. Then, and after each beginning, it waits twice as long as before, until the
 * nodes are others: nobody is sent around for ever.
 */
export class Balance {
  #nodes = "";
  #totals: readonly number[] = [];
  #patienceTicks = PATIENCE_TICKS;
  #unevenTicks = 0;
  #budget = 0; // of what was begun; 0: nothing was

  /** Called once a second. */
  tick(own: Load, others: readonly Load[]): Surplus {
    const members = [own, ...others];
    this.#notice(members);
    const share = own.capacity / sum(members, ({ capacity }) => capacity);
    const keep = Math.ceil(Math.max(...this.#totals) * share);
    const excess = own.connections - keep;
    const room = sum(others, ({ capacity, connections }) => Math.max(0, capacity - connections));
    if (this.#budget === 0) this.#consider({ excess, keep, room });
    else if (excess <= ENDS_ABOVE * keep) this.#budget = 0;
    if (this.#budget === 0) return { max: 0, keep };
    const max = Math.min(this.#budget, MAX_PER_TICK, Math.ceil(excess * PART_A_TICK), room);
    this.#budget -= max;
    return { max, keep };
  }

  #notice(members: readonly Load[]): void {
    const nodes = members.map(({ node, capacity }) => `${node} ${capacity}`).toSorted().join();
    if (nodes !== this.#nodes) {
      this.#patienceTicks = PATIENCE_TICKS;
      this.#unevenTicks = this.#budget = 0;
    }
    this.#nodes = nodes;
    this.#totals = [...this.#totals, sum(members, ({ connections }) => connections)].slice(-MEMORY_TICKS);
  }

  #consider({ excess, keep, room }: { excess: number; keep: number; room: number }): void {
    const isUneven = excess > Math.max(BEGINS_ABOVE * keep, MIN_EXCESS) && room > 0;
    this.#unevenTicks = isUneven ? this.#unevenTicks + 1 : 0;
    if (this.#unevenTicks <= this.#patienceTicks) return;
    this.#budget = BUDGET * excess;
    this.#patienceTicks *= 2;
    this.#unevenTicks = 0;
  }
}

function sum(members: readonly Load[], value: (member: Load) => number): number {
  return members.reduce((total, member) => total + value(member), 0);
}
