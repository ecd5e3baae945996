/** Counts what came of inputs by kind: a fuzzer whose requests are all refused for the same reason proves little. */

const MAX_KINDS = 16;

export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: string | number, count = 1): void {
    this.#counts.set(`${kind}`, (this.#counts.get(`${kind}`) ?? 0) + count);
  }

  /** The most frequent kinds first. */
  toString(): string {
    const all = [...this.#counts].toSorted(([one, first], [other, second]) =>
      second - first || (one < other ? -1 : 1)
    );
    return all.slice(0, MAX_KINDS).map(([kind, count]) => `${kind} ${count}`).join(", ");
  }
}
