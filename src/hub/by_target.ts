/** Connections by their target: what the hub owns. */

interface Targeted {
  readonly target: string;
}

/** Most targets have one connection, which is kept as it is: a set for it alone would cost 230 bytes. */
export class ByTarget<C extends Targeted> {
  readonly #connections = new Map<string, C | Set<C>>();

  add(connection: C): void {
    const { target } = connection;
    const there = this.#connections.get(target);
    if (there === undefined) this.#connections.set(target, connection);
    else if (there instanceof Set) there.add(connection);
    else this.#connections.set(target, new Set([there, connection]));
  }

  /** Takes no notice of one that isn't there. */
  delete(connection: C): void {
    const { target } = connection;
    const there = this.#connections.get(target);
    if (there instanceof Set) there.delete(connection);
    if (there === connection || (there instanceof Set && there.size === 0)) this.#connections.delete(target);
  }

  of(target: string): Iterable<C> {
    const there = this.#connections.get(target);
    if (there === undefined) return [];
    return there instanceof Set ? there : [there];
  }

  *all(): Generator<C> {
    for (const target of this.#connections.keys()) yield* this.of(target);
  }
}
