/** Numbers the latest ids in order, and finds the number of an id as long as it is among the latest. */

/**
 * Ids are mostly looked up in the order of the journal. `numberOf` therefore first tries the id that has the same
 * distance from the last found one as in the journal, and hashes only if that fails. A hash costs 50 to 100 ns.
 *
 * The hash table's chains lead from newer to older ids, so nothing has to be removed: an id that is no longer among the
 * latest ends its chain.
 *
 * The table is made of flat arrays. A Map of as many ids, all of which are removed again, costs a tenth of the
 * processing of a notification, because its members are spread over the memory and the garbage collector moves them.
 */
export class LatestIds {
  readonly #ids: (string | undefined)[] = []; // undefined: the id was released
  readonly #newest: Float64Array; // by hash: the number of the newest id with this hash, from 1 on; 0: none
  readonly #older: Float64Array; // the number of the next older id with the same hash
  readonly #mask: number;
  #oldest = 1;
  #next = 1;
  #hashed = 1; // all ids with a lower number are in the hash table
  #found = 0; // the number that was found last
  #foundSequence = 0;

  /** @param capacity the number of ids that are among the latest at most */
  constructor(readonly capacity: number) {
    const hashes = 2 ** Math.ceil(Math.log2(Math.max(capacity, 2)));
    this.#newest = new Float64Array(hashes);
    this.#older = new Float64Array(capacity);
    this.#mask = hashes - 1;
  }

  get size(): number {
    return this.#next - this.#oldest;
  }

  /** Adds an id that is not among the latest. Returns its number; numbers count up from 1. */
  add(id: string): number {
    if (this.size >= this.capacity) throw new RangeError(`No room for ${id}`);
    const number = this.#next++;
    this.#ids[number % this.capacity] = id;
    return number;
  }

  /**
   * Returns the number of an id, or 0 if it is not among the latest.
   *
   * @param sequence the number of the notification in the journal, if known
   */
  numberOf(id: string, sequence = this.#foundSequence + 1): number {
    const likely = this.#found + sequence - this.#foundSequence;
    const isLikely = likely >= this.#oldest && likely < this.#next && this.#at(likely) === id;
    const number = isLikely ? likely : this.#search(id);
    if (number === 0) return 0;
    this.#foundSequence = sequence;
    return this.#found = number;
  }

  /** Releases the id of a number, so that the id can be added again. The number stays in use. */
  releaseId(number: number): void {
    this.#ids[number % this.capacity] = undefined;
  }

  isNewest(id: string): boolean {
    return this.size > 0 && this.#at(this.#next - 1) === id;
  }

  /** The number of the oldest id, or without any id, the number that the next one will have. */
  get oldest(): number {
    return this.#oldest;
  }

  dropOldest(): void {
    if (this.size > 0) this.#oldest++;
  }

  #at(number: number): string | undefined {
    return this.#ids[number % this.capacity];
  }

  #search(id: string): number {
    this.#hashAll();
    let number = this.#newest[this.#hashOf(id)] ?? 0;
    while (number >= this.#oldest && this.#at(number) !== id) {
      number = this.#older[number % this.capacity] ?? 0;
    }
    return number < this.#oldest ? 0 : number;
  }

  /** Hashes ids only when one has to be searched, so ids that are dropped before that are never hashed. */
  #hashAll(): void {
    for (let number = Math.max(this.#hashed, this.#oldest); number < this.#next; number++) {
      const hash = this.#hashOf(this.#at(number) ?? "");
      this.#older[number % this.capacity] = this.#newest[hash] ?? 0;
      this.#newest[hash] = number;
    }
    this.#hashed = this.#next;
  }

  /** FNV-1a over UTF-16 code units. */
  #hashOf(id: string): number {
    let hash = 0x811c9dc5;
    for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}
