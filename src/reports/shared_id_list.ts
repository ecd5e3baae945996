/** An immutable list of distinct ids that shares its memory with the list that it was made from. */

/**
 * The notifications of a batch are sent to one connection after the other, so all of them have the same unacked
 * connections. One list is made for each connection and serves the whole batch. A list of a thousand ids needs no array
 * of its own: it is the beginning of the array that the next list continues.
 */
export class SharedIdList implements Iterable<string> {
  readonly #array: string[];
  readonly size: number;

  private constructor(array: string[]) {
    this.#array = array;
    this.size = array.length;
  }

  static of(one: string, other: string): SharedIdList {
    return new SharedIdList([one, other]);
  }

  /** Returns a list with one more id, which must not be in this list. */
  with(id: string): SharedIdList {
    const isShared = this.#array.length > this.size; // another list has already continued the array
    if (isShared) return new SharedIdList([...this, id]);
    this.#array.push(id);
    return new SharedIdList(this.#array);
  }

  *[Symbol.iterator](): Generator<string, undefined> {
    for (let index = 0; index < this.size; index++) yield this.#array[index] ?? "";
  }
}
