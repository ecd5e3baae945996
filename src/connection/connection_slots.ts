/** Connection slots: how many connections the node has, and whether there is room for another. */

export class ConnectionSlots {
  #taken = 0;

  constructor(readonly capacity: number) {}

  /** Counts connections that are being made, are open, or are still closing. */
  get taken(): number {
    return this.#taken;
  }

  get isFull(): boolean {
    return this.#taken >= this.capacity;
  }

  take(): void {
    this.#taken++;
  }

  release(): void {
    this.#taken--;
  }
}
