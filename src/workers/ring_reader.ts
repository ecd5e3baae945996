/** A reader of a ring: gets the records that concern it, in the order in which they were written. */

import { Buffer } from "node:buffer";
import { placeOf, READ, type RingMemory, WRITTEN } from "./ring_memory.ts";

/** Receives a record, of which nothing may be kept but copies: its bytes are written over afterwards. */
export type OnRecord = (offset: number, length: number) => void;

export class RingReader {
  readonly buffer: Buffer;
  readonly view: DataView;
  readonly #places: Int32Array;
  #read = 0;

  constructor({ bytes, places }: RingMemory) {
    this.buffer = Buffer.from(bytes);
    this.view = new DataView(bytes);
    this.#places = new Int32Array(places);
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#places, WRITTEN) === this.#read;
  }

  /** Reads at most so many records. Returns how many there were. */
  read(max: number, onRecord: OnRecord): number {
    const places = this.#places;
    let count = 0;
    while (count < max && Atomics.load(places, WRITTEN) !== this.#read) {
      const place = placeOf(this.#read), offset = places[place] ?? 0, length = places[place + 1] ?? 0;
      try {
        onRecord(offset, length);
      } finally { // also if it fails, so that a record which cannot be read is not read for ever
        this.#read = (this.#read + 1) | 0;
        Atomics.store(places, READ, this.#read);
      }
      count++;
    }
    return count;
  }
}
