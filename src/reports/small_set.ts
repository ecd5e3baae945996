/** A small set: of texts, mostly none or one of them, and then it is no more than two fields. */

export class SmallSet implements Iterable<string> {
  #one: string | undefined;
  #all: Set<string> | undefined; // of two and more: comparing a thousand texts with the one would double their time

  get size(): number {
    return this.#all?.size ?? (this.#one === undefined ? 0 : 1);
  }

  /** True if it was not there. */
  add(text: string): boolean {
    if (this.#all !== undefined) {
      const { size } = this.#all;
      return this.#all.add(text).size > size;
    }
    if (text === this.#one) return false;
    if (this.#one === undefined) this.#one = text;
    else this.#all = new Set([this.#one, text]);
    return true;
  }

  /** True if it was there. */
  delete(text: string): boolean {
    if (this.#all !== undefined) return this.#all.delete(text);
    if (text !== this.#one) return false;
    this.#one = undefined;
    return true;
  }

  clear(): void {
    this.#one = this.#all = undefined;
  }

  *[Symbol.iterator](): Generator<string, void> {
    if (this.#all !== undefined) yield* this.#all;
    else if (this.#one !== undefined) yield this.#one;
  }
}
