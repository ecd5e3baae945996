/** A small set: of texts, mostly none or one of them, and then it is no more than two fields. */

export class SmallSet implements Iterable<string> {
  #one: string | undefined;
  #others: Set<string> | undefined;

  get size(): number {
    return (this.#one === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  /** True if it was not there. */
  add(text: string): boolean {
    if (this.#others === undefined) {
      if (text === this.#one) return false;
      if (this.#one === undefined) this.#one = text;
      else this.#others = new Set([text]);
      return true;
    }
    if (text === this.#one) return false;
    const { size } = this.#others;
    return this.#others.add(text).size > size;
  }

  /** True if it was there. */
  delete(text: string): boolean {
    if (text !== this.#one) return this.#others?.delete(text) ?? false;
    this.#one = undefined;
    return true;
  }

  clear(): void {
    this.#one = this.#others = undefined;
  }

  *[Symbol.iterator](): Generator<string, void> {
    if (this.#one !== undefined) yield this.#one;
    if (this.#others !== undefined) yield* this.#others;
  }
}
