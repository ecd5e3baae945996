/** The owner of the journal: does for the other isolates what they ask, and is the journal of its own isolate. */

import type { Journal } from "../journal/journal.ts";
import { readDrafts } from "./draft_record.ts";
import type { FanOut } from "./fan_out.ts";
import { PREFIX_BYTES, REQUEST } from "./messages.ts";
import type { PresenceCounts } from "./presence_counts.ts";
import type { Outlet } from "./outlet.ts";
import type { RingReader } from "./ring_reader.ts";

const OWNER = 0;
/** How many requests of an isolate are begun in a turn, before others have their turn. */
const MAX_PER_TURN = 1_024;

export interface JournalOwnerDeps {
  readonly journal: Journal;
  readonly fanOut: FanOut;
  readonly outlet: Outlet;
  readonly counts: PresenceCounts;
}

export class JournalOwner {
  readonly #deps: JournalOwnerDeps;
  /** What each isolate writes: one that is started again numbers its requests from the beginning, in another ring. */
  readonly #requests = new Map<number, RingReader>();

  constructor(deps: JournalOwnerDeps) {
    this.#deps = deps;
  }

  /** The journal as the owner's own isolate uses it. */
  get local(): Journal {
    const { journal } = this.#deps;
    return {
      append: (drafts) => journal.append(drafts),
      follow: (target) => this.#follow(target, OWNER),
      unfollow: (target) => this.#unfollow(target, OWNER),
      read: (target, after, limit) => journal.read(target, after, limit),
      mark: (target, change) => journal.mark(target, change),
      inbox: (target, before, limit) => journal.inbox(target, before, limit),
      forget: (target) => journal.forget(target),
      stats: () => journal.stats(),
      close: () => journal.close(),
    };
  }

  /** Begins what an isolate has asked. Returns true if there is more. */
  serve(isolate: number, requests: RingReader): boolean {
    this.#requests.set(isolate, requests);
    requests.read(MAX_PER_TURN, (offset, length) => this.#begin(isolate, requests, { offset, length }));
    return !requests.isEmpty;
  }

  /** Forgets an isolate that has gone. */
  leave(isolate: number): void {
    const { journal, fanOut, outlet, counts } = this.#deps;
    this.#requests.delete(isolate);
    for (const target of fanOut.leave(isolate)) journal.unfollow(target);
    outlet.leave(isolate);
    counts.leave(isolate);
  }

  #begin(
    isolate: number,
    requests: RingReader,
    { offset, length }: { offset: number; length: number },
  ): void {
    const { outlet } = this.#deps, { view, buffer } = requests;
    const number = view.getUint32(offset + 4), from = offset + PREFIX_BYTES, to = offset + length;
    const waits = () => this.#requests.get(isolate) === requests; // otherwise another would take the answer for its own
    const failed = (error: unknown) => waits() && outlet.failed(isolate, number, String(error));
    switch (view.getUint8(offset)) {
      case REQUEST.append: {
        this.#deps.journal.append(readDrafts(requests, from, to))
          .then((receipts) => waits() && outlet.receipts(isolate, number, receipts), failed);
        return;
      }
      case REQUEST.follow:
        this.#follow(buffer.toString("utf8", from, to), isolate)
          .then(() => waits() && outlet.followed(isolate, number), failed);
        return;
      case REQUEST.unfollow:
        return this.#unfollow(buffer.toString("utf8", from, to), isolate);
      case REQUEST.announce: {
        const target = buffer.toString("utf8", from, to);
        outlet.announced(isolate, this.#deps.counts.set(target, { isolate, connections: number }));
      }
    }
  }

  async #follow(target: string, isolate: number): Promise<void> {
    const { journal, fanOut } = this.#deps;
    fanOut.follow(target, isolate);
    await journal.follow(target);
  }

  #unfollow(target: string, isolate: number): void {
    const { journal, fanOut } = this.#deps;
    if (fanOut.unfollow(target, isolate)) journal.unfollow(target);
  }
}
