/** A small set: of texts that come once, and mostly stay until all go together. */

/** A list until one is looked for: a Set of a thousand is 40 KB, and each notification to a thousand tabs would need one. */
export class SmallSet implements Iterable<string> {
  #listed: string[] | undefined; // none twice
  #all: Set<string> | undefined; // instead, since one was taken out

  constructor(...listed: readonly string[]) {
    this.#listed = [...listed];
  }

  get size(): number {
    return this.#all?.size ?? this.#listed?.length ?? 0;
  }

  /** Adds a text that is not there. */
  add(text: string): void {
    if (this.#listed === undefined) this.#all?.add(text);
    else this.#listed.push(text);
  }

  /** True if it was there. */
  delete(text: string): boolean {
    this.#all ??= new Set(this.#listed);
    this.#listed = undefined;
    return this.#all.delete(text);
  }

  clear(): void {
    this.#listed = [];
    this.#all = undefined;
  }

  [Symbol.iterator](): Iterator<string> {
    return (this.#all ?? this.#listed ?? []).values();
  }
}
