/** How many slots the isolates of the process have taken together: each counts in a cell of its own. */

import { ConnectionSlots } from "../connection/connection_slots.ts";

/** As many isolates as there are bits in a number. */
const ISOLATES = 31;

export function createCells(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * ISOLATES);
}

/** An isolate that has gone has no connections. */
export function clearCell(cells: SharedArrayBuffer, isolate: number): void {
  Atomics.store(new Int32Array(cells), isolate, 0);
}

/** The slots of one isolate, of which there is none if all isolates together have taken as many as there may be. */
export class SharedSlots extends ConnectionSlots {
  readonly #cells: Int32Array;
  readonly #isolate: number;

  constructor(capacity: number, { cells, isolate }: { cells: SharedArrayBuffer; isolate: number }) {
    super(capacity);
    this.#cells = new Int32Array(cells);
    this.#isolate = isolate;
  }

  /** Of this isolate. */
  override get taken(): number {
    return Atomics.load(this.#cells, this.#isolate);
  }

  override get isFull(): boolean {
    return this.#takenByAll() >= this.capacity;
  }

  /** It counts before it looks, so that of two isolates which both want the last slot at least one sees the other. */
  override take(): boolean {
    Atomics.add(this.#cells, this.#isolate, 1);
    if (this.#takenByAll() <= this.capacity) return true;
    this.release();
    return false;
  }

  override release(): void {
    Atomics.sub(this.#cells, this.#isolate, 1);
  }

  #takenByAll(): number {
    let taken = 0;
    for (let isolate = 0; isolate < ISOLATES; isolate++) taken += Atomics.load(this.#cells, isolate);
    return taken;
  }
}
