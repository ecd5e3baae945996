/** The map that the hub owns: from a target to its connections. */

interface HasTarget {
  readonly target: string;
}

/** What a query may do with the map. */
export type ConnectionMap<C extends HasTarget> = Pick<ByTarget<C>, "of" | "all" | "targets">;

/** Most targets have one connection. It is stored without a set, which would cost 230 bytes. */
export class ByTarget<C extends HasTarget> {
  readonly #connections = new Map<string, C | Set<C>>();

  add(connection: C): void {
    const { target } = connection;
    const existing = this.#connections.get(target);
    if (existing === undefined) this.#connections.set(target, connection);
    else if (existing instanceof Set) existing.add(connection);
    else this.#connections.set(target, new Set([existing, connection]));
  }

  /** Does nothing if the connection is not in the map. */
  delete(connection: C): void {
    const { target } = connection;
    const existing = this.#connections.get(target);
    if (existing instanceof Set) existing.delete(connection);
    if (existing === connection || (existing instanceof Set && existing.size === 0)) {
      this.#connections.delete(target);
    }
  }

  of(target: string): Iterable<C> {
    const existing = this.#connections.get(target);
    if (existing === undefined) return [];
    return existing instanceof Set ? existing : [existing];
  }

  /**
   * The targets that have connections. It may be continued after changes: every target that is there all the time comes,
   * and one that leaves and returns may come twice.
   */
  targets(): Iterator<string, undefined> {
    return this.#connections.keys();
  }

  *all(): Generator<C> {
    for (const target of this.#connections.keys()) yield* this.of(target);
  }
}
