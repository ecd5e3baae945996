/** The journal of an isolate that does not own it: has the owner do everything, and feeds its own hub. */

import { UnavailableError } from "../journal/journal.ts";
import type { Draft, Feed, Journal, Page, PageLimit, Receipt } from "../journal/journal.ts";
import type { JournalStats } from "../journal/journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "../journal/read.ts";
import type { Position } from "../wire/position.ts";
import { maxBytesOfDrafts, writeDrafts } from "./draft_record.ts";
import { readEntry } from "./entry_record.ts";
import { PREFIX_BYTES, REPLY, REQUEST } from "./messages.ts";
import { readReceipts } from "./receipt_record.ts";
import type { RingReader } from "./ring_reader.ts";
import type { RingWriter } from "./ring_writer.ts";

/** What is asked rarely, or is large, goes through a port. */
export type OwnerCalls = Pick<Journal, "append" | "read" | "mark" | "inbox" | "forget" | "stats">;

export interface JournalClientDeps {
  readonly feed: Feed;
  readonly requests: RingWriter;
  readonly replies: RingReader;
  readonly owner: OwnerCalls;
  /** Called when a request was written. */
  readonly onWritten: () => void;
}

interface Waiting {
  resolve(receipts: readonly Receipt[]): void;
  reject(reason: UnavailableError): void;
}

const MAX_PER_TURN = 4_096;
const OWNER = 1;
const NONE: readonly Receipt[] = [];

export class JournalClient implements Journal {
  readonly #deps: JournalClientDeps;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;

  constructor(deps: JournalClientDeps) {
    this.#deps = deps;
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const { requests, owner } = this.#deps, at = requests.reserve(PREFIX_BYTES + maxBytesOfDrafts(drafts));
    if (at < 0) return owner.append(drafts);
    return this.#send(REQUEST.append, { at, end: writeDrafts(requests, at + PREFIX_BYTES, drafts) });
  }

  async follow(target: string): Promise<void> {
    await this.#sendText(REQUEST.follow, target);
  }

  unfollow(target: string): void {
    this.#sendText(REQUEST.unfollow, target).catch(() => {});
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    return this.#deps.owner.read(target, after, limit);
  }

  mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    return this.#deps.owner.mark(target, change);
  }

  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    return this.#deps.owner.inbox(target, before, limit);
  }

  forget(target: string): Promise<void> {
    return this.#deps.owner.forget(target);
  }

  stats(): JournalStats {
    return this.#deps.owner.stats();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes what the owner has written. Returns true if there is more. */
  receive(): boolean {
    const { replies } = this.#deps;
    replies.read(MAX_PER_TURN, (offset, length) => this.#receive(offset, offset + length));
    return !replies.isEmpty;
  }

  #receive(offset: number, end: number): void {
    const { replies, feed } = this.#deps, { view, buffer } = replies, from = offset + PREFIX_BYTES;
    const number = view.getUint32(offset + 4);
    switch (view.getUint8(offset)) {
      case REPLY.entry:
        feed.offer(readEntry(replies, from, end));
        return;
      case REPLY.receipts:
        return this.#take(number)?.resolve(readReceipts(replies, from, end));
      case REPLY.followed:
        return this.#take(number)?.resolve(NONE);
      case REPLY.failed:
        return this.#take(number)?.reject(new UnavailableError(buffer.toString("utf8", from, end)));
      case REPLY.gap: {
        const { target, late } = JSON.parse(buffer.toString("utf8", from, end));
        if (late.length === 0) feed.gap(target);
        for (const one of late) feed.gap(target, one);
      }
    }
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }

  #sendText(kind: number, text: string): Promise<readonly Receipt[]> {
    const { requests } = this.#deps, at = requests.reserve(PREFIX_BYTES + 3 * text.length);
    if (at < 0) return Promise.reject(new UnavailableError("the owner of the journal is busy"));
    const bytes = text === "" ? 0 : requests.buffer.write(text, at + PREFIX_BYTES, "utf8");
    return this.#send(kind, { at, end: at + PREFIX_BYTES + bytes });
  }

  #send(kind: number, { at, end }: { at: number; end: number }): Promise<readonly Receipt[]> {
    const { requests, onWritten } = this.#deps, number = this.#number = (this.#number + 1) >>> 0;
    requests.view.setUint8(at, kind);
    requests.view.setUint32(at + 4, number);
    if (requests.commit(end - at, OWNER) !== 0) {
      return Promise.reject(new UnavailableError("the owner of the journal is busy"));
    }
    onWritten();
    if (kind === REQUEST.unfollow) return Promise.resolve(NONE);
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
  }
}
