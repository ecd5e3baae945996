/** ForgottenTargets: which targets were erased a moment ago, so that nothing is noted late of the time before. */

/** Far more than what is noted late takes, such as the end of a node that others find gone. */
const REMEMBERED_MS = 60_000;

export class ForgottenTargets {
  readonly #erasedAt = new Map<string, number>(); // the oldest first
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(target: string): void {
    const now = this.#now();
    this.#erasedAt.delete(target);
    this.#erasedAt.set(target, now);
    for (const [oldest, at] of this.#erasedAt) {
      if (now - at <= REMEMBERED_MS) return;
      this.#erasedAt.delete(oldest);
    }
  }

  /** True if what was seen of the target at this time, in milliseconds since 1970, was before it was erased. */
  has(target: string, at: number): boolean {
    return at <= (this.#erasedAt.get(target) ?? -Infinity);
  }
}
