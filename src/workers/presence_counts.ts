/** How many connections each target has on each isolate: the owner of the journal counts, and tells who needs to know. */

export class PresenceCounts {
  readonly #counts = new Map<string, Map<number, number>>(); // by target and isolate
  readonly #tell: (isolate: number, target: string, elsewhere: number) => void;

  /** @param tell called for each isolate that has connections of a target, when the number elsewhere has changed */
  constructor(tell: (isolate: number, target: string, elsewhere: number) => void) {
    this.#tell = tell;
  }

  /** The number of targets that have connections, on whatever isolates. */
  get size(): number {
    return this.#counts.size;
  }

  /** Returns how many connections the target has on the other isolates. */
  set(target: string, { isolate, connections }: { isolate: number; connections: number }): number {
    const counts = this.#counts.getOrInsertComputed(target, () => new Map());
    const isNew = !counts.has(isolate);
    if (connections === 0) counts.delete(isolate);
    else counts.set(isolate, connections);
    if (counts.size === 0) this.#counts.delete(target);
    let total = 0;
    for (const count of counts.values()) total += count;
    for (const [other, count] of counts) {
      if (other !== isolate || (isNew && total > count)) this.#tell(other, target, total - count);
    }
    return total - connections;
  }

  /** Forgets an isolate that has gone. */
  leave(isolate: number): void {
    for (const [target, counts] of this.#counts) {
      if (counts.has(isolate)) this.set(target, { isolate, connections: 0 });
    }
  }
}
