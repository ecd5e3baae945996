/** KnownNodes: which nodes are gone, by when each was last seen among the members of the service. */

export interface KnownNodesOptions {
  /** A node that was not seen for this long is gone. Its tabs have connected to other nodes by then. */
  readonly graceMs: number;
  /** Milliseconds on a monotonic clock. */
  readonly elapsed: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Sighting {
  readonly elapsed: number;
  readonly now: number;
}

/** Every process has a name of its own, so a node that has been gone never comes back, unless it was not gone. */
export class KnownNodes {
  readonly #options: KnownNodesOptions;
  readonly #seen = new Map<string, Sighting>();
  readonly #noticed = new Set<string>(); // nodes that are gone
  #start: number;

  constructor(options: KnownNodesOptions) {
    this.#options = options;
    this.#start = options.elapsed();
  }

  /** False until all nodes that exist have had the time to be seen. Nobody is gone before. */
  get areSettled(): boolean {
    return this.#options.elapsed() - this.#start >= this.#options.graceMs;
  }

  /** Call this often with the members of the service. Returns true if another node turned out to be gone. */
  look(members: readonly string[]): boolean {
    const { elapsed, now } = this.#options, sighting = { elapsed: elapsed(), now: now() };
    for (const node of members) {
      this.#seen.set(node, sighting);
      this.#noticed.delete(node);
    }
    let hasFound = false;
    for (const node of this.#seen.keys()) {
      if (this.#noticed.has(node) || !this.isGone(node)) continue;
      this.#noticed.add(node);
      hasFound = true;
    }
    return hasFound;
  }

  /** A node that was never seen is gone once all nodes that exist have had the time to be seen. */
  isGone(node: string): boolean {
    const last = Math.max(this.#start, this.#seen.get(node)?.elapsed ?? -Infinity);
    return this.#options.elapsed() - last >= this.#options.graceMs;
  }

  /** When the node was seen the last time, in milliseconds since 1970. Undefined: never. */
  lastSeenAt(node: string): number | undefined {
    return this.#seen.get(node)?.now;
  }

  /** Call this after a time in which nodes may not have been seen although they exist. */
  restart(): void {
    this.#start = this.#options.elapsed();
  }
}
