/** The journal of an isolate that does not own it: has the owner do everything, and feeds its own hub. */

import { Fifo } from "../async/fifo.ts";
import { UnavailableError } from "../journal/journal.ts";
import type { Draft, Feed, Journal, Page, PageLimit, Receipt } from "../journal/journal.ts";
import type { JournalStats } from "../journal/journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "../journal/read.ts";
import type { Position } from "../wire/position.ts";
import { readEntry } from "./entry_record.ts";
import { PREFIX_BYTES, REPLY, REQUEST } from "./messages.ts";
import { RequestWriter } from "./request_writer.ts";
import { readReceipts } from "./receipt_record.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { OwnerMethods } from "./owner_methods.ts";
import type { PortCalls } from "./port_calls.ts";
import type { RingReader } from "./ring_reader.ts";
import type { RingWriter } from "./ring_writer.ts";

/** What is asked rarely, or is large, goes through a port. */
type OwnerCalls = Pick<PortCalls<OwnerMethods>, "call">;

export interface JournalClientDeps {
  readonly feed: Feed;
  readonly requests: RingWriter;
  readonly replies: RingReader;
  readonly owner: OwnerCalls;
  readonly elsewhere: Pick<Elsewhere, "set">;
  /** Called when a request was written. */
  readonly onWritten: () => void;
}

interface Waiting {
  resolve(receipts: readonly Receipt[]): void;
  reject(reason: UnavailableError): void;
}

const MAX_PER_TURN = 4_096;
const NONE: readonly Receipt[] = [];

export class JournalClient implements Journal {
  readonly #deps: JournalClientDeps;
  readonly #waiting = new Map<number, Waiting>();
  /** Who waits for the answer to what was announced, oldest first. */
  readonly #announced = new Fifo<(elsewhere: number) => void>();
  readonly #requests: RequestWriter;
  #number = 0;
  /** Appends that went through the port and are not answered yet. Later ones follow them, so that none overtakes. */
  #calledAppends = 0;
  #stats: JournalStats = { entries: 0, bytes: 0, oldestAt: null, evicted: {} };

  constructor(deps: JournalClientDeps) {
    this.#deps = deps;
    this.#requests = new RequestWriter(deps.requests, deps.onWritten);
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const number = this.#nextNumber();
    if (this.#calledAppends > 0 || !this.#requests.append(number, drafts)) return this.#callAppend(drafts);
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
  }

  async follow(target: string): Promise<void> {
    const number = this.#nextNumber();
    await new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#requests.text(REQUEST.follow, number, target);
    });
  }

  unfollow(target: string): void {
    this.#requests.text(REQUEST.unfollow, this.#nextNumber(), target);
  }

  /** Tells the owner how many connections a target has here. Resolves with how many it has elsewhere. */
  announce(target: string, connections: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#announced.add(resolve);
    this.#requests.text(REQUEST.announce, connections, target);
    return promise;
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    return this.#call("read", target, after, limit);
  }

  mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    return this.#call("mark", target, change);
  }

  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    return this.#call("inbox", target, before, limit);
  }

  forget(target: string): Promise<void> {
    return this.#call("forget", target);
  }

  /** What the owner had a moment ago: asking has it answer in time for the next time. */
  stats(): JournalStats {
    this.#deps.owner.call("stats").then((stats) => this.#stats = stats, () => {});
    return this.#stats;
  }

  close(): Promise<void> {
    this.#requests.close();
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
      case REPLY.elsewhere:
        return this.#deps.elsewhere.set(buffer.toString("utf8", from, end), number);
      case REPLY.announced:
        return this.#announced.take()?.(number);
      case REPLY.gap: {
        const { target, late } = JSON.parse(buffer.toString("utf8", from, end));
        if (late.length === 0) feed.gap(target);
        for (const one of late) feed.gap(target, one);
      }
    }
  }

  async #callAppend(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    this.#calledAppends++;
    try {
      return await this.#call("append", drafts);
    } finally {
      this.#calledAppends--;
    }
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }

  /** By the time that the owner has answered, it has written everything that the feed is to be offered before. */
  async #call<K extends keyof OwnerMethods>(
    method: K,
    ...parameters: Parameters<OwnerMethods[K]>
  ): Promise<Awaited<ReturnType<OwnerMethods[K]>>> {
    const answer = await this.#deps.owner.call(method, ...parameters);
    while (this.receive());
    return answer;
  }

  #nextNumber(): number {
    return this.#number = (this.#number + 1) >>> 0;
  }
}
