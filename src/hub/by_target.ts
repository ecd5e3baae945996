/** The map that the hub owns: from a target to its connections. */

interface HasTarget {
  readonly target: string;
}

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

  *all(): Generator<C> {
    for (const target of this.#connections.keys()) yield* this.of(target);
  }
}
