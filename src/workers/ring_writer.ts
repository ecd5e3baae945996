/** The writer of a ring: writes each record once, and tells the readers that it concerns where it is. */

import { Buffer } from "node:buffer";
import { firstIsolate } from "./isolate_bits.ts";
import { createPlaces, placeOf, PLACES, READ, type RingMemory, WRITTEN } from "./ring_memory.ts";

/** When nothing waits, writing begins at the start again, so that little memory is used, and stays in the cache. */
const REWIND_AFTER = 256 * 1024;

interface ReaderState {
  readonly places: Int32Array;
  /** Where each record that waits begins, counted in all bytes that were ever written. */
  readonly starts: Float64Array;
  written: number;
}

/** Readers are numbers from 0 to 30. Several of them are a number with a bit for each. */
export class RingWriter {
  readonly #bytes: SharedArrayBuffer;
  readonly buffer: Buffer;
  readonly view: DataView;
  readonly #readers: (ReaderState | undefined)[] = [];
  /** Counts all bytes that were ever written or skipped. */
  #end = 0;
  /** Up to here there is room, as far as the writer has looked. */
  #roomUntil: number;

  constructor(size: number) {
    this.#bytes = new SharedArrayBuffer(size);
    this.buffer = Buffer.from(this.#bytes);
    this.view = new DataView(this.#bytes);
    this.#roomUntil = size;
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  /** Adds a reader, or replaces one that has gone. The new one gets what is written from now on. */
  attach(reader: number): RingMemory {
    const places = createPlaces();
    const starts = new Float64Array(PLACES);
    this.#readers[reader] = { places: new Int32Array(places), starts, written: 0 };
    return { bytes: this.#bytes, places };
  }

  /** Waits no longer for the reader to read. */
  detach(reader: number): void {
    this.#readers[reader] = undefined;
  }

  /** Returns where so many bytes may be written, or -1 if there is no room. They count only once they are committed. */
  reserve(length: number): number {
    const { size } = this, at = this.#end % size;
    const rewinds = at + length > size || (at > REWIND_AFTER && this.#oldest() === this.#end);
    const from = rewinds ? this.#end + size - at : this.#end;
    if (from + length > this.#roomUntil) {
      const oldest = this.#oldest();
      this.#roomUntil = (oldest === this.#end ? from : oldest) + size;
    }
    if (from + length > this.#roomUntil) return -1;
    this.#end = from;
    return from % size;
  }

  /** Publishes the bytes that were written where `reserve` said. Returns the readers that have no place for them. */
  commit(length: number, readers: number): number {
    const at = this.#end % this.size;
    let full = 0;
    for (let left = readers; left !== 0; left &= left - 1) {
      const number = firstIsolate(left), reader = this.#readers[number];
      if (reader === undefined) continue;
      const { places, written } = reader;
      if (((written - Atomics.load(places, READ)) | 0) >= PLACES) {
        full |= 1 << number;
        continue;
      }
      const place = placeOf(written);
      places[place] = at;
      places[place + 1] = length;
      reader.starts[written & (PLACES - 1)] = this.#end;
      reader.written = (written + 1) | 0;
      Atomics.store(places, WRITTEN, reader.written);
    }
    this.#end += length;
    return full;
  }

  /** Where the oldest record begins that a reader has not read; the end if all is read. */
  #oldest(): number {
    let oldest = this.#end;
    for (const reader of this.#readers) {
      if (reader === undefined) continue;
      const read = Atomics.load(reader.places, READ);
      if (read !== reader.written) oldest = Math.min(oldest, reader.starts[read & (PLACES - 1)] ?? oldest);
    }
    return oldest;
  }
}
