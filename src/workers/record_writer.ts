/** Writes records into a ring: each has its kind and a number before its content. */

import type { Buffer } from "node:buffer";
import { PREFIX_BYTES } from "./messages.ts";
import type { RingWriter } from "./ring_writer.ts";

/** A record whose content was written. */
export interface WrittenRecord {
  readonly kind: number;
  readonly number: number;
  /** Where its content begins, as `reserve` has returned it. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
}

/** Readers are a number with a bit for each. */
export class RecordWriter {
  readonly buffer: Buffer;
  readonly view: DataView;
  readonly #ring: RingWriter;
  readonly #onWritten: (readers: number) => void;

  /** @param onWritten called with the readers that have a new record */
  constructor(ring: RingWriter, onWritten: (readers: number) => void) {
    this.buffer = ring.buffer;
    this.view = ring.view;
    this.#ring = ring;
    this.#onWritten = onWritten;
  }

  /** Returns where content of so many bytes may be written, or -1 if there is no room. */
  reserve(bytes: number): number {
    const at = this.#ring.reserve(PREFIX_BYTES + bytes);
    return at < 0 ? at : at + PREFIX_BYTES;
  }

  /** Returns the readers that have no place for the record. */
  commit(readers: number, { kind, number, from, to }: WrittenRecord): number {
    const at = from - PREFIX_BYTES;
    this.view.setUint8(at, kind);
    this.view.setUint32(at + 4, number);
    const full = this.#ring.commit(to - at, readers);
    if (full !== readers) this.#onWritten(readers & ~full);
    return full;
  }

  /** Writes a record whose content is text. Returns false, and writes nothing, if there is no room. */
  text(reader: number, { kind, number, text }: { kind: number; number: number; text: string }): boolean {
    const from = this.reserve(3 * text.length);
    if (from < 0) return false;
    const bytes = text === "" ? 0 : this.buffer.write(text, from, "utf8");
    return this.commit(reader, { kind, number, from, to: from + bytes }) === 0;
  }
}
