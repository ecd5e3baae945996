/** The latest ids: finds the number of each, as long as it is among them. Whatever is older falls off by itself. */

/**
 * They mostly come in the order of the journal, so the one that is as far from the last one found as it is in the
 * journal is looked at first; ids are hashed only when that fails: a hash costs 50 to 100 ns. The chains of the hash
 * table lead from newer to older ids, so that nothing has to be taken out: what is no longer among the latest ends its
 * chain. In flat arrays, because a Map of as many ids that all go again is a tenth of what a notification costs: its
 * members are looked for all over the memory, and moved by the garbage collector.
 */
export class LatestIds {
  readonly #ids: (string | undefined)[] = []; // undefined: is not found any more
  readonly #newest: Float64Array; // by hash: the number of the newest id that has it, from 1 on; 0: none
  readonly #older: Float64Array; // the number of the next older id with the same hash
  readonly #mask: number;
  #oldest = 1;
  #next = 1;
  #hashed = 1; // all before this one are in the chains
  #found = 0; // last
  #foundSequence = 0;

  /** @param capacity how many may be among the latest at a time */
  constructor(readonly capacity: number) {
    const hashes = 2 ** Math.ceil(Math.log2(Math.max(capacity, 2)));
    this.#newest = new Float64Array(hashes);
    this.#older = new Float64Array(capacity);
    this.#mask = hashes - 1;
  }

  get size(): number {
    return this.#next - this.#oldest;
  }

  /** Adds an id that is not there. Returns its number: ids are numbered from 1 on, as they come. */
  add(id: string): number {
    if (this.size >= this.capacity) throw new RangeError(`No room for ${id}`);
    const number = this.#next++;
    this.#ids[number % this.capacity] = id;
    return number;
  }

  /** The number of an id; 0: it is not among the latest. @param sequence its number in the journal, if that is known */
  numberOf(id: string, sequence = this.#foundSequence + 1): number {
    const likely = this.#found + sequence - this.#foundSequence;
    const isLikely = likely >= this.#oldest && likely < this.#next && this.#at(likely) === id;
    const number = isLikely ? likely : this.#search(id);
    if (number === 0) return 0;
    this.#foundSequence = sequence;
    return this.#found = number;
  }

  /** It keeps its number, and is not found any more: the id may be added again. */
  unname(number: number): void {
    this.#ids[number % this.capacity] = undefined;
  }

  /** True if the id is the newest of all. */
  isNewest(id: string): boolean {
    return this.size > 0 && this.#at(this.#next - 1) === id;
  }

  /** The number of the oldest, or of the next that comes, if there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Forgets the oldest. */
  forgetOldest(): void {
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

  /** Of what came and went unlooked for, nothing is hashed. */
  #hashAll(): void {
    for (let number = Math.max(this.#hashed, this.#oldest); number < this.#next; number++) {
      const hash = this.#hashOf(this.#at(number) ?? "");
      this.#older[number % this.capacity] = this.#newest[hash] ?? 0;
      this.#newest[hash] = number;
    }
    this.#hashed = this.#next;
  }

  /** FNV-1a, over UTF-16 units. */
  #hashOf(id: string): number {
    let hash = 0x811c9dc5;
    for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}
