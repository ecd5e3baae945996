/** A crowd: several texts, none twice. It never changes, and costs little more than the one it was made of. */

/**
 * The notifications of a batch are handed to one connection after the other, so all of them are awaited by the same
 * crowd, which is made once for each connection. And a crowd of a thousand has no list of its own: it is the beginning
 * of the list that the next one goes on with.
 */
export class SharedIdList implements Iterable<string> {
  readonly #list: string[];
  readonly size: number;

  private constructor(list: string[]) {
    this.#list = list;
    this.size = list.length;
  }

  static of(one: string, other: string): SharedIdList {
    return new SharedIdList([one, other]);
  }

  /** These, and a text that is not among them. */
  and(text: string): SharedIdList {
    if (this.#list.length > this.size) return new SharedIdList([...this, text]); // another goes on with the list already
    this.#list.push(text);
    return new SharedIdList(this.#list);
  }

  *[Symbol.iterator](): Generator<string, undefined> {
    for (let index = 0; index < this.size; index++) yield this.#list[index] ?? "";
  }
}
