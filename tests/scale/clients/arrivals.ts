/** Counts when something happens at many tabs: how often, the first and the last time, and how often in each tenth of a second. */

/** Times are milliseconds since 1970, with fractions. */
export interface Arrivals {
  readonly count: number;
  /** Null: nothing has happened. */
  readonly first: number | null;
  readonly last: number | null;
  /** Pairs: the beginning of a tenth of a second in which something happened, and how often it did. */
  readonly tenths: readonly (readonly [at: number, count: number])[];
}

const TENTH_MS = 100;

export class ArrivalCounter {
  #count = 0;
  #first: number | null = null;
  #last: number | null = null;
  readonly #tenths = new Map<number, number>();

  add(at: number): void {
    const tenth = Math.floor(at / TENTH_MS) * TENTH_MS;
    this.#count++;
    this.#first ??= at;
    this.#last = at;
    this.#tenths.set(tenth, (this.#tenths.get(tenth) ?? 0) + 1);
  }

  get arrivals(): Arrivals {
    return { count: this.#count, first: this.#first, last: this.#last, tenths: [...this.#tenths] };
  }
}

/** Adds up what several processes have counted. */
export function mergeArrivals(parts: readonly Arrivals[]): Arrivals {
  const times = (one: (part: Arrivals) => number | null) => parts.map(one).filter((at) => at !== null);
  const firsts = times(({ first }) => first), lasts = times(({ last }) => last);
  const tenths = new Map<number, number>();
  for (const [at, count] of parts.flatMap((part) => part.tenths)) {
    tenths.set(at, (tenths.get(at) ?? 0) + count);
  }
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    first: firsts.length === 0 ? null : Math.min(...firsts),
    last: lasts.length === 0 ? null : Math.max(...lasts),
    tenths: [...tenths].toSorted(([one], [other]) => one - other),
  };
}
