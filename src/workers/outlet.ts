/** What the owner of the journal writes for other isolates: in order, and later if there is no room now. */

import type { Entry, LateEntries, Receipt } from "../journal/journal.ts";
import { maxBytesOfEntry, writeEntry } from "./entry_record.ts";
import { PREFIX_BYTES, REPLY } from "./messages.ts";
import { maxBytesOfReceipts, writeReceipts } from "./receipt_record.ts";
import type { RingWriter } from "./ring_writer.ts";

const RETRY_MS = 1;

/** What could not be written for an isolate. While there is any, everything for it waits here. */
interface Backlog {
  /** The targets (null: all) of which entries were left out, with what came late. The isolate reads the journal. */
  gaps: Map<string | null, LateEntries[]>;
  /** Answers, oldest first: at most as many as the isolate waits for. Each is true once it is written. */
  readonly answers: (() => boolean)[];
}

/** Several isolates are a number with a bit for each. */
export class Outlet {
  readonly #ring: RingWriter;
  readonly #onWritten: (isolates: number) => void;
  readonly #backlogs = new Map<number, Backlog>();
  #blocked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onWritten called with the isolates that a record was written for */
  constructor(ring: RingWriter, onWritten: (isolates: number) => void) {
    this.#ring = ring;
    this.#onWritten = onWritten;
  }

  /** Writes an entry once for all of the isolates. Those without room learn that they missed something of its target. */
  offer(entry: Entry, isolates: number): void {
    const open = isolates & ~this.#blocked;
    const missed = open === 0 ? isolates : this.#writeEntry(entry, open) | (isolates & this.#blocked);
    if (missed !== 0) this.gap(entry.target, missed);
  }

  gap(target: string | null, isolates: number, late?: LateEntries): void {
    for (let left = isolates; left !== 0; left &= left - 1) {
      const { gaps } = this.#backlogOf(31 - Math.clz32(left & -left));
      const known = gaps.getOrInsertComputed(target, () => []);
      if (late !== undefined) known.push(late);
    }
    this.#retry();
  }

  receipts(isolate: number, number: number, receipts: readonly Receipt[]): void {
    this.#answer(isolate, () => {
      const at = this.#ring.reserve(PREFIX_BYTES + maxBytesOfReceipts(receipts));
      if (at < 0) return false;
      return this.#commit(
        { at, end: writeReceipts(this.#ring, at + PREFIX_BYTES, receipts) },
        isolate,
        REPLY.receipts,
        number,
      );
    });
  }

  followed(isolate: number, number: number): void {
    this.#answer(isolate, () => this.#writeNumber(isolate, REPLY.followed, number));
  }

  announced(isolate: number, elsewhere: number): void {
    this.#answer(isolate, () => this.#writeNumber(isolate, REPLY.announced, elsewhere));
  }

  failed(isolate: number, number: number, message: string): void {
    this.#answer(isolate, () => this.#writeText(isolate, { kind: REPLY.failed, number, text: message }));
  }

  /** Tells an isolate how many connections a target of its own has on the others. */
  elsewhere(isolate: number, target: string, connections: number): void {
    this.#answer(
      isolate,
      () => this.#writeText(isolate, { kind: REPLY.elsewhere, number: connections, text: target }),
    );
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
    this.#backlogOf(isolate).answers.push(write);
    this.#retry();
  }

  #writeEntry(entry: Entry, isolates: number): number {
    const ring = this.#ring, at = ring.reserve(PREFIX_BYTES + maxBytesOfEntry(entry));
    if (at < 0) return isolates;
    ring.view.setUint8(at, REPLY.entry);
    const full = ring.commit(writeEntry(ring, at + PREFIX_BYTES, entry) - at, isolates);
    this.#onWritten(isolates & ~full);
    return full;
  }

  #writeNumber(isolate: number, kind: number, number: number): boolean {
    const at = this.#ring.reserve(PREFIX_BYTES);
    return at >= 0 && this.#commit({ at, end: at + PREFIX_BYTES }, isolate, kind, number);
  }

  #writeText(
    isolate: number,
    { kind, number, text }: { kind: number; number: number; text: string },
  ): boolean {
    const at = this.#ring.reserve(PREFIX_BYTES + 3 * text.length);
    if (at < 0) return false;
    const bytes = text === "" ? 0 : this.#ring.buffer.write(text, at + PREFIX_BYTES, "utf8");
    return this.#commit({ at, end: at + PREFIX_BYTES + bytes }, isolate, kind, number);
  }

  #commit({ at, end }: { at: number; end: number }, isolate: number, kind: number, number: number): boolean {
    this.#ring.view.setUint8(at, kind);
    this.#ring.view.setUint32(at + 4, number);
    const isFull = this.#ring.commit(end - at, 1 << isolate) !== 0;
    if (!isFull) this.#onWritten(1 << isolate);
    return !isFull;
  }

  #backlogOf(isolate: number): Backlog {
    this.#blocked |= 1 << isolate;
    return this.#backlogs.getOrInsertComputed(isolate, () => ({ gaps: new Map(), answers: [] }));
  }

  /** Gaps come before the answers, so that an append is answered after the isolate knows what it may miss. */
  #retry(): void {
    for (const [isolate, { gaps, answers }] of this.#backlogs) {
      for (const [target, late] of gaps) {
        const text = JSON.stringify({ target, late });
        if (!this.#writeText(isolate, { kind: REPLY.gap, number: 0, text })) break;
        gaps.delete(target);
      }
      while (gaps.size === 0 && answers[0]?.() === true) answers.shift();
      if (gaps.size === 0 && answers.length === 0) this.leave(isolate);
    }
    clearTimeout(this.#timer);
    if (this.#blocked !== 0) this.#timer = setTimeout(() => this.#retry(), RETRY_MS);
  }
}
