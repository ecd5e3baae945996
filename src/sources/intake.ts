/** The intake of one source: the only way into the journal and the schedule for the drafts that it hands in. */

import type { Draft, Journal, Receipt, Retention } from "../journal/journal.ts";
import type { AddReceipt, Schedule, ScheduledRecord } from "../schedule/schedule.ts";
import { unavailable } from "../wire/problem.ts";
import type { Source } from "../wire/source.ts";
import { appendDrafts, type PushKeeper } from "./append_drafts.ts";
import { type IntakeRoom, orUnavailable } from "./intake_room.ts";

/** Counts what the journal accepted, once for each target. `at` is in milliseconds since 1970. */
export interface AcceptedReports {
  /** The notification has a fresh id, so it is certainly new. */
  acceptedNew(id: string, at: number): void;
  /** The publisher chose the id, so the notification may be known already. */
  accepted(id: string, at: number): void;
}

export interface IntakeMetrics {
  /** `count` has each target of a notification. */
  accepted(source: Source, count: number): void;
  /** Called when a request is handed to the journal. Returns what `appendEnded` needs. */
  appendStarted(): number;
  /** Called when the journal has stored a request. */
  appendEnded(startedAt: number): void;
}

export interface IntakeDeps {
  readonly journal: Pick<Journal, "append">;
  readonly schedule: Pick<Schedule, "add">;
  /** Null: no notification has a push. */
  readonly pushes: PushKeeper | null;
  readonly reports: AcceptedReports;
  readonly metrics: IntakeMetrics;
  readonly retention: Pick<Retention, "seconds">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Returns the span that is active, as a `traceparent`. Missing: no spans are recorded. */
  readonly currentSpan?: () => string | undefined;
}

export interface AcceptOptions {
  /** True: drafts are accepted also if there is no room for their pushes. */
  readonly mayLackPushes: boolean;
}

export class Intake {
  readonly #deps: IntakeDeps;
  readonly #source: Source;
  readonly #room: IntakeRoom;

  /** @param options.room is shared by all sources */
  constructor(deps: IntakeDeps, { source, room }: { readonly source: Source; readonly room: IntakeRoom }) {
    this.#deps = deps;
    this.#source = source;
    this.#room = room;
  }

  /**
   * Accepts drafts. Resolves with a receipt for each, in order, when the journal has appended them.
   *
   * @throws {Problem} `unavailable` if the node is stopping, the queue has no room, or the journal fails
   */
  async accept(drafts: readonly Draft[], options?: AcceptOptions): Promise<readonly Receipt[]> {
    const { metrics } = this.#deps;
    this.#room.reserve(drafts.length);
    const startedAt = metrics.appendStarted();
    let receipts: readonly Receipt[];
    try { // as in IntakeRoom.during, whose promise and context would be 300 bytes of garbage for every request
      receipts = await appendDrafts(
        drafts,
        options === undefined ? this.#deps : { ...this.#deps, ...options },
      );
    } catch (error) {
      throw orUnavailable(error);
    } finally {
      this.#room.release(drafts.length);
    }
    metrics.appendEnded(startedAt);
    this.#report(drafts, receipts);
    if (this.#room.isShort) await this.#room.hubTurn();
    return receipts;
  }

  /**
   * Has the schedule keep notifications that are to be sent later. Resolves with a receipt for each, in order. The room
   * that they reserve bounds how many are being written at a time.
   *
   * @throws {Problem} `unavailable`, also if the schedule is full; it may have kept some of them then
   */
  async schedule(records: readonly ScheduledRecord[]): Promise<readonly AddReceipt[]> {
    const receipts = await this.#room.during(records.length, () => this.#deps.schedule.add(records));
    if (receipts.every(({ outcome }) => outcome !== "full")) return receipts;
    throw unavailable(
      "too many notifications are scheduled; the others of the request may have been accepted",
    );
  }

  /** False if no notification can have a push. */
  get hasPushes(): boolean {
    return this.#deps.pushes !== null;
  }

  /** Undefined unless spans are recorded. */
  get currentSpan(): (() => string | undefined) | undefined {
    return this.#deps.currentSpan;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#deps.now();
  }

  /** How long a notification with this `ttl` is kept. */
  lifeMs(ttl: number | null): number {
    return 1000 * Math.min(ttl ?? Infinity, this.#deps.retention.seconds);
  }

  /** False if the queue has no room for so many more. True while the node is stopping: it then refuses them at once. */
  hasRoomFor(count: number): boolean {
    return this.#room.hasRoomFor(count);
  }

  /** Reports what is new. Repeats were reported when they were first accepted. */
  #report(drafts: readonly Draft[], receipts: readonly Receipt[]): void {
    const { reports, metrics } = this.#deps;
    let count = 0;
    for (const [index, { id, digest, ttl }] of drafts.entries()) {
      const receipt = receipts[index];
      if (receipt?.outcome !== "kept") continue;
      const acceptedAt = receipt.expiresAt - this.lifeMs(ttl); // to the millisecond, as browsers receive it
      count++;
      if (digest === null) reports.acceptedNew(id, acceptedAt);
      else reports.accepted(id, acceptedAt);
    }
    metrics.accepted(this.#source, count);
  }
}
