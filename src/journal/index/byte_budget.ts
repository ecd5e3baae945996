/** ByteBudget: the bytes that a journal may keep, and those that it keeps now. */

export class ByteBudget {
  readonly #limit: number;
  #spent = 0;

  /** @param limit the retention's `bytes` */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get spent(): number {
    return this.#spent;
  }

  get isExceeded(): boolean {
    return this.#spent > this.#limit;
  }

  /** @param bytes negative if they are free again */
  spend(bytes: number): void {
    this.#spent += bytes;
  }
}
