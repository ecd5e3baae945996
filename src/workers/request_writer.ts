/** What an isolate writes for the owner of the journal: in order, and later if there is no room now. */

import { Fifo } from "../async/fifo.ts";
import type { Draft } from "../journal/journal.ts";
import { maxBytesOfDrafts, writeDrafts } from "./draft_record.ts";
import { REQUEST } from "./messages.ts";
import { RecordWriter } from "./record_writer.ts";
import type { RingWriter } from "./ring_writer.ts";

const OWNER = 1;
const RETRY_MS = 1;

export class RequestWriter {
  readonly #records: RecordWriter;
  /** Requests that found no room, oldest first: of each connection one or two. */
  readonly #delayed = new Fifo<() => boolean>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onWritten called when a request was written */
  constructor(ring: RingWriter, onWritten: () => void) {
    this.#records = new RecordWriter(ring, onWritten);
  }

  /** Returns false, and writes nothing, if there is no room for the drafts, or if earlier requests wait for room. */
  append(number: number, drafts: readonly Draft[]): boolean {
    if (this.#delayed.size > 0) return false;
    const from = this.#records.reserve(maxBytesOfDrafts(drafts));
    if (from < 0) return false;
    const to = writeDrafts(this.#records, from, drafts);
    return this.#records.commit(OWNER, { kind: REQUEST.append, number, from, to }) === 0;
  }

  /** Writes a request, or has it wait behind those that found no room. */
  text(kind: number, number: number, text: string): void {
    const write = () => this.#records.text(OWNER, { kind, number, text });
    if (this.#delayed.size === 0 && write()) return;
    this.#delayed.add(write);
    this.#timer ??= setTimeout(() => this.#retry(), RETRY_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #retry(): void {
    this.#timer = undefined;
    while (this.#delayed.oldest?.() === true) this.#delayed.take();
    if (this.#delayed.size > 0) this.#timer = setTimeout(() => this.#retry(), RETRY_MS);
  }
}
