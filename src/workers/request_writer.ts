/** What an isolate writes for the owner of the journal: in order, and later if there is no room now. */

import type { Draft } from "../journal/journal.ts";
import { maxBytesOfDrafts, writeDrafts } from "./draft_record.ts";
import { PREFIX_BYTES, REQUEST } from "./messages.ts";
import type { RingWriter } from "./ring_writer.ts";

const OWNER = 1;
const RETRY_MS = 1;

export class RequestWriter {
  readonly #ring: RingWriter;
  readonly #onWritten: () => void;
  /** Requests that found no room, oldest first: of each connection one or two. */
  readonly #delayed: (() => boolean)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onWritten called when a request was written */
  constructor(ring: RingWriter, onWritten: () => void) {
    this.#ring = ring;
    this.#onWritten = onWritten;
  }

  /** Returns false, and writes nothing, if there is no room for the drafts, or if earlier requests wait for room. */
  append(number: number, drafts: readonly Draft[]): boolean {
    if (this.#delayed.length > 0) return false;
    const at = this.#ring.reserve(PREFIX_BYTES + maxBytesOfDrafts(drafts));
    if (at < 0) return false;
    return this.#commit(REQUEST.append, number, {
      at,
      end: writeDrafts(this.#ring, at + PREFIX_BYTES, drafts),
    });
  }

  /** Writes a request, or has it wait behind those that found no room. */
  text(kind: number, number: number, text: string): void {
    const write = () => {
      const at = this.#ring.reserve(PREFIX_BYTES + 3 * text.length);
      if (at < 0) return false;
      const bytes = text === "" ? 0 : this.#ring.buffer.write(text, at + PREFIX_BYTES, "utf8");
      return this.#commit(kind, number, { at, end: at + PREFIX_BYTES + bytes });
    };
    if (this.#delayed.length === 0 && write()) return;
    this.#delayed.push(write);
    this.#timer ??= setTimeout(() => this.#retry(), RETRY_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #retry(): void {
    this.#timer = undefined;
    while (this.#delayed[0]?.() === true) this.#delayed.shift();
    if (this.#delayed.length > 0) this.#timer = setTimeout(() => this.#retry(), RETRY_MS);
  }

  #commit(kind: number, number: number, { at, end }: { at: number; end: number }): boolean {
    this.#ring.view.setUint8(at, kind);
    this.#ring.view.setUint32(at + 4, number);
    if (this.#ring.commit(end - at, OWNER) !== 0) return false;
    this.#onWritten();
    return true;
  }
}
