/** What the owner of the journal writes for other isolates: in order, and later if there is no room now. */

import { Fifo } from "../async/fifo.ts";
import type { Entry, LateEntries, Receipt } from "../journal/journal.ts";
import { maxBytesOfEntry, writeEntry } from "./entry_record.ts";
import { firstIsolate } from "./isolate_bits.ts";
import { REPLY } from "./messages.ts";
import { maxBytesOfReceipts, writeReceipts } from "./receipt_record.ts";
import { RecordWriter } from "./record_writer.ts";
import type { RingWriter } from "./ring_writer.ts";

const RETRY_MS = 1;

/** What could not be written for an isolate. While there is any, everything for it waits here. */
interface Backlog {
  /** The targets (null: all) of which entries were left out, with what came late. The isolate reads the journal. */
  gaps: Map<string | null, LateEntries[]>;
  /** Answers, oldest first: at most as many as the isolate waits for. Each is true once it is written. */
  readonly answers: Fifo<() => boolean>;
}

/** Several isolates are a number with a bit for each. */
export class Outlet {
  readonly #records: RecordWriter;
  readonly #backlogs = new Map<number, Backlog>();
  #blocked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onWritten called with the isolates that a record was written for */
  constructor(ring: RingWriter, onWritten: (isolates: number) => void) {
    this.#records = new RecordWriter(ring, onWritten);
  }

  /** Writes an entry once for all of the isolates. Those without room learn that they missed something of its target. */
  offer(entry: Entry, isolates: number): void {
    const open = isolates & ~this.#blocked;
    const missed = open === 0 ? isolates : this.#writeEntry(entry, open) | (isolates & this.#blocked);
    if (missed !== 0) this.gap(entry.target, missed);
  }

  gap(target: string | null, isolates: number, late?: LateEntries): void {
    for (let left = isolates; left !== 0; left &= left - 1) {
      const { gaps } = this.#backlogOf(firstIsolate(left));
      const known = gaps.getOrInsertComputed(target, () => []);
      if (late !== undefined) known.push(late);
    }
    this.#retry();
  }

  receipts(isolate: number, number: number, receipts: readonly Receipt[]): void {
    this.#answer(isolate, () => {
      const from = this.#records.reserve(maxBytesOfReceipts(receipts));
      if (from < 0) return false;
      const to = writeReceipts(this.#records, from, receipts);
      return this.#records.commit(1 << isolate, { kind: REPLY.receipts, number, from, to }) === 0;
    });
  }

  followed(isolate: number, number: number): void {
    this.#answerText(isolate, { kind: REPLY.followed, number, text: "" });
  }

  announced(isolate: number, elsewhere: number): void {
    this.#answerText(isolate, { kind: REPLY.announced, number: elsewhere, text: "" });
  }

  failed(isolate: number, number: number, message: string): void {
    this.#answerText(isolate, { kind: REPLY.failed, number, text: message });
  }

  /** Tells an isolate how many connections a target of its own has on the others. */
  elsewhere(isolate: number, target: string, connections: number): void {
    this.#answerText(isolate, { kind: REPLY.elsewhere, number: connections, text: target });
  }

  /** True if something waits for room. */
  get isBlocked(): boolean {
    return this.#blocked !== 0;
  }

  /** Forgets what waits for an isolate that has gone. */
  leave(isolate: number): void {
    this.#backlogs.delete(isolate);
    this.#blocked &= ~(1 << isolate);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #answer(isolate: number, write: () => boolean): void {
    if ((this.#blocked & (1 << isolate)) === 0 && write()) return;
    this.#backlogOf(isolate).answers.add(write);
    this.#retry();
  }

  #answerText(isolate: number, record: { kind: number; number: number; text: string }): void {
    this.#answer(isolate, () => this.#records.text(1 << isolate, record));
  }

  #writeEntry(entry: Entry, isolates: number): number {
    const from = this.#records.reserve(maxBytesOfEntry(entry));
    if (from < 0) return isolates;
    const to = writeEntry(this.#records, from, entry);
    return this.#records.commit(isolates, { kind: REPLY.entry, number: 0, from, to });
  }

  #backlogOf(isolate: number): Backlog {
    this.#blocked |= 1 << isolate;
    return this.#backlogs.getOrInsertComputed(isolate, () => ({ gaps: new Map(), answers: new Fifo() }));
  }

  /** Gaps come before the answers, so that an append is answered after the isolate knows what it may miss. */
  #retry(): void {
    for (const [isolate, { gaps, answers }] of this.#backlogs) {
      for (const [target, late] of gaps) {
        const text = JSON.stringify({ target, late });
        if (!this.#records.text(1 << isolate, { kind: REPLY.gap, number: 0, text })) break;
        gaps.delete(target);
      }
      while (gaps.size === 0 && answers.oldest?.() === true) answers.take();
      if (gaps.size === 0 && answers.size === 0) this.leave(isolate);
    }
    clearTimeout(this.#timer);
    if (this.#blocked !== 0) this.#timer = setTimeout(() => this.#retry(), RETRY_MS);
  }
}
