/** Whether the journal can be used: the owner says so in shared memory, and all isolates know it at once. */

export interface SharedHealth {
  readonly isReachable: boolean;
  readonly isWritable: boolean;
}

const UNREACHABLE = 1, UNWRITABLE = 2;

export class HealthCell implements SharedHealth {
  readonly #cell: Int32Array;

  /** @param memory four bytes, which all isolates share. At first, the journal can be used. */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#cell = new Int32Array(memory);
  }

  set({ isReachable, isWritable }: SharedHealth): void {
    Atomics.store(this.#cell, 0, (isReachable ? 0 : UNREACHABLE) | (isWritable ? 0 : UNWRITABLE));
  }

  get isReachable(): boolean {
    return (Atomics.load(this.#cell, 0) & UNREACHABLE) === 0;
  }

  get isWritable(): boolean {
    return (Atomics.load(this.#cell, 0) & UNWRITABLE) === 0;
  }
}
