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

  /** Returns false if there is none. That may be so although `isFull` was false: isolates take slots at the same time. */
  take(): boolean {
    if (this.isFull) return false;
    this.#taken++;
    return true;
  }

  release(): void {
    this.#taken--;
  }
}
