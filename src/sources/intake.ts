/** The intake: the only way into the journal and the schedule. Every source hands its drafts and marks to it. */

import {
  type Draft,
  type Journal,
  type Receipt,
  type Retention,
  UnavailableError,
} from "../journal/journal.ts";
import type { MarkReceipt, ReadChange } from "../journal/read.ts";
import type { AddReceipt, Schedule, ScheduledRecord } from "../schedule/schedule.ts";
import { appendDrafts, type PushKeeper } from "./append_drafts.ts";
import { Problem, unavailable } from "../wire/problem.ts";

/** Counts what the journal accepted, once for each target. `at` is in milliseconds since 1970. */
export interface AcceptedReports {
  /** The notification has a fresh id, so it is certainly new. */
  acceptedNew(id: string, at: number): void;
  /** The publisher chose the id, so the notification may be known already. */
  accepted(id: string, at: number): void;
  /** The target has read the notifications with these ids, mostly for the first time. */
  read(ids: readonly string[], target: string): void;
}

export interface IntakeDeps {
  readonly journal: Pick<Journal, "append" | "mark">;
  readonly schedule: Pick<Schedule, "add">;
  /** Null: no notification has a push. */
  readonly pushes: PushKeeper | null;
  /** The channel that the journal's feed fills and the hub drains. */
  readonly queue: { readonly size: number; readonly capacity: number };
  readonly reports: AcceptedReports;
  readonly metrics: { accepted(): void; marked(): void };
  readonly retention: Pick<Retention, "seconds">;
  readonly isDraining: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
}

/** A publisher waits for the hub's turn only while at most this many notifications are queued. */
const MAX_QUEUED_TO_WAIT = 64;

export class Intake {
  readonly #deps: IntakeDeps;
  #appending = 0; // drafts
  #settling: PromiseWithResolvers<void> | undefined;
  #hubTurn: Promise<void> | undefined; // shared by all requests that wait for the same turn

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /**
   * Accepts drafts. Resolves with a receipt for each, in order, when the journal has appended them.
   *
   * @param mayLackPushes accepts them also if there is no room for their pushes
   * @throws {Problem} `unavailable` if the node is stopping, the queue has no room, or the journal fails
   */
  async accept(drafts: readonly Draft[], mayLackPushes = false): Promise<readonly Receipt[]> {
    this.#reserveRoom(drafts.length);
    let receipts: readonly Receipt[];
    try { // as in #append, whose promise and context would be 300 bytes of garbage for every request
      receipts = await appendDrafts(drafts, mayLackPushes ? { ...this.#deps, mayLackPushes } : this.#deps);
    } catch (error) {
      throw orUnavailable(error);
    } finally {
      this.#releaseRoom(drafts.length);
    }
    this.#report(drafts, receipts);
    if (this.#isQueueShort) await (this.#hubTurn ??= this.#nextHubTurn());
    return receipts;
  }

  /**
   * Merges a change of what the target has read. Resolves when the change is kept, or changes nothing.
   *
   * @throws {Problem} `unavailable`, `too-many-exceptions`, or `not-here` if nothing is retained
   */
  async mark(target: string, change: ReadChange): Promise<void> {
    this.#reserveRoom(1);
    const receipt = await this.#append(1, () => this.#deps.journal.mark(target, change));
    if (receipt.outcome === "marked") {
      this.#deps.metrics.marked();
      this.#deps.reports.read(receipt.read, target);
      if (receipt.pushes.length > 0) this.#deps.pushes?.read(receipt.pushes, target);
    }
    const problem = problemOf(receipt);
    if (problem !== null) throw problem;
  }

  /**
   * Has the schedule keep notifications that are to be sent later. Resolves with a receipt for each, in order. The room
   * that they reserve bounds how many are being written at a time.
   *
   * @throws {Problem} `unavailable`, also if the schedule is full; it may have kept some of them then
   */
  async schedule(records: readonly ScheduledRecord[]): Promise<readonly AddReceipt[]> {
    this.#reserveRoom(records.length);
    const receipts = await this.#append(records.length, () => this.#deps.schedule.add(records));
    if (receipts.every(({ outcome }) => outcome !== "full")) return receipts;
    throw unavailable(
      "too many notifications are scheduled; the others of the request may have been accepted",
    );
  }

  /** False if no notification can have a push. */
  get hasPushes(): boolean {
    return this.#deps.pushes !== null;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#deps.now();
  }

  /** How long a notification with this `ttl` is kept. */
  lifeMs(ttl: number | null): number {
    return 1000 * Math.min(ttl ?? Infinity, this.#deps.retention.seconds);
  }

  /** Resolves when nothing is being appended. By then, the feed has been offered everything that was accepted. */
  async settled(): Promise<void> {
    while (this.#appending > 0) await (this.#settling ??= Promise.withResolvers<void>()).promise;
  }

  /** False if the queue has no room for so many more. True while the node is stopping: it then refuses them at once. */
  hasRoomFor(count: number): boolean {
    const { queue, isDraining } = this.#deps;
    return isDraining() || queue.size + this.#appending + count <= queue.capacity;
  }

  /** Room is reserved before the append, so that whatever the journal accepts can also be delivered. */
  #reserveRoom(count: number): void {
    const { queue, isDraining } = this.#deps;
    if (isDraining()) throw unavailable("this node is stopping; nothing was accepted");
    if (queue.size + this.#appending + count > queue.capacity) {
      throw unavailable("too many notifications are waiting for delivery; nothing was accepted");
    }
    this.#appending += count;
  }

  /** Has the journal append `count` entries, and then releases the room for them. */
  async #append<T>(count: number, append: () => Promise<T>): Promise<T> {
    try {
      return await append();
    } catch (error) {
      throw orUnavailable(error);
    } finally {
      this.#releaseRoom(count);
    }
  }

  #releaseRoom(count: number): void {
    this.#appending -= count;
    if (this.#appending > 0) return;
    this.#settling?.resolve();
    this.#settling = undefined;
  }

  /** Reports what is new. Repeats were reported when they were first accepted. */
  #report(drafts: readonly Draft[], receipts: readonly Receipt[]): void {
    const { reports, metrics } = this.#deps;
    for (const [index, { id, digest, ttl }] of drafts.entries()) {
      const receipt = receipts[index];
      if (receipt?.outcome !== "kept") continue;
      const acceptedAt = receipt.expiresAt - this.lifeMs(ttl); // to the millisecond, as browsers receive it
      metrics.accepted();
      if (digest === null) reports.acceptedNew(id, acceptedAt);
      else reports.accepted(id, acceptedAt);
    }
  }

  /**
   * Lets the hub send to the tabs before the publisher is answered. Otherwise, of 16 requests that arrive together,
   * the tabs of the last one would wait for 15 answers. This matters only while the queue is short. When it is long,
   * answering at once brings more notifications into the same frames, and waiting would cost a fifth of the throughput.
   */
  get #isQueueShort(): boolean {
    const { size } = this.#deps.queue;
    return size > 0 && size <= MAX_QUEUED_TO_WAIT;
  }

  /** Resolves after the hub's next turn. The append has woken the hub, which must begin to wait for that turn first. */
  async #nextHubTurn(): Promise<void> {
    await undefined; // the hub begins to wait two microtasks after the append, and the caller goes on after one
    await this.#deps.nextTurn();
    this.#hubTurn = undefined;
  }
}

/** Returns the problem of a journal or a schedule that is out of reach, or else the error itself. */
function orUnavailable(error: unknown): unknown {
  if (!(error instanceof UnavailableError)) return error;
  return unavailable("some of it may have been accepted: repeat the request with the same ids", {
    cause: error,
  });
}

/** Null: the mark was accepted. */
function problemOf({ outcome }: MarkReceipt): Problem | null {
  if (outcome === "marked" || outcome === "unchanged") return null;
  return outcome === "too many exceptions"
    ? new Problem("too-many-exceptions", "mark more as read, or fewer as unread, and then repeat this")
    : new Problem("not-here", "this server retains nothing, so there is nothing to mark");
}
