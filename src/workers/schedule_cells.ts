/** How many records of each kind the schedule has: its owner says so in shared memory, and all isolates know it at once. */

const WAITING = 0, OPEN = 1, CELLS_EACH = 2;
const MAX_KINDS = 8;

export function createScheduleCells(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * CELLS_EACH * MAX_KINDS);
}

export interface RecordCounts {
  readonly waiting: number;
  /** Those that wait, and those that were taken and are not done. */
  readonly open: number;
}

export class ScheduleCells {
  readonly kinds: readonly string[];
  readonly #cells: Int32Array;

  /** @param kinds all that there are, in the same order on all isolates */
  constructor(memory: SharedArrayBuffer, kinds: readonly string[]) {
    this.kinds = kinds;
    this.#cells = new Int32Array(memory);
  }

  set(kind: string, { waiting, open }: RecordCounts): void {
    const at = CELLS_EACH * this.kinds.indexOf(kind);
    if (at < 0) return;
    Atomics.store(this.#cells, at + WAITING, waiting);
    Atomics.store(this.#cells, at + OPEN, open);
  }

  countsOf(kind: string): RecordCounts {
    const at = CELLS_EACH * this.kinds.indexOf(kind);
    if (at < 0) return { waiting: 0, open: 0 };
    return { waiting: Atomics.load(this.#cells, at + WAITING), open: Atomics.load(this.#cells, at + OPEN) };
  }
}
