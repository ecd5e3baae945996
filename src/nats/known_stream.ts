/** What this node knows of a stream, to notice that it was replaced by another one or went back to an earlier state. */

import { epochOf } from "./epoch.ts";

/**
 * How a stream compares to what is known of it. `behind`: it ends earlier, but its leader may have been elected just now
 * and lag behind. `rolled back`: it ends earlier, and that will not change.
 */
export type StreamChange = "none" | "replaced" | "behind" | "rolled back";

/** What the leader of a stream says about it. A single server has no name as a leader. */
export interface StreamFacts {
  /** RFC 3339 */
  readonly created: string;
  readonly cluster?: { readonly leader?: string };
  readonly state: { readonly last_seq: number };
  readonly config: { readonly num_replicas: number };
}

/** A leader that was just elected catches up within this number of checks, which take place every second. */
const MAX_CHECKS_BEHIND = 5;

export class KnownStream {
  #created: string;
  #leader: string | undefined;
  #last: number;
  #checksBehind = 0;

  constructor({ created, cluster, state }: StreamFacts) {
    this.#created = created;
    this.#leader = cluster?.leader;
    this.#last = state.last_seq;
  }

  get epoch(): string {
    return epochOf(this.#created);
  }

  get last(): number {
    return this.#last;
  }

  /** True if the information comes from another leader than before. */
  hasOtherLeader({ cluster }: StreamFacts): boolean {
    return cluster?.leader !== this.#leader;
  }

  /** @param newest the highest sequence number that was seen outside of the checks */
  compare(info: StreamFacts, newest = 0): StreamChange {
    if (this.#isReplacedBy(info)) return "replaced";
    if (info.state.last_seq >= Math.max(this.#last, newest)) {
      this.#checksBehind = 0;
      return "none";
    }
    const isCertain = info.config.num_replicas === 1 || ++this.#checksBehind > MAX_CHECKS_BEHIND;
    return isCertain ? "rolled back" : "behind";
  }

  /** Takes the information as what is known from now on. */
  accept({ created, cluster, state }: StreamFacts): void {
    this.#created = created;
    this.#leader = cluster?.leader;
    this.#last = state.last_seq;
    this.#checksBehind = 0;
  }

  /** A leader never changes the date of its stream, but another leader may know another date of the same stream. */
  #isReplacedBy(info: StreamFacts): boolean {
    if (!this.hasOtherLeader(info)) return info.created !== this.#created;
    return epochOf(info.created) !== this.epoch;
  }
}
