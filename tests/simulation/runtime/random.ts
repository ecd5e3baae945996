/** Random numbers of a history: a stream for each purpose, so that a step that is taken out does not change the others. */

import { createRandom } from "../../random.ts";

/** A stream of random numbers, which is the same for the same seed and name. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number, name: string) {
    this.#next = createRandom(hash(`${seed} ${name}`));
  }

  /** At least 0 and less than 1. */
  next(): number {
    return this.#next();
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** A whole number, at least 0 and less than `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  isOneOf(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(first: T, ...others: readonly T[]): T {
    return others[this.below(others.length + 1) - 1] ?? first;
  }

  /** Picks from weighted choices. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T | undefined {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    return choices.at(-1)?.[1];
  }

  /** A whole number from 0 to `max`, mostly a small one. */
  small(max: number): number {
    return Math.floor(max * this.next() ** 3);
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
