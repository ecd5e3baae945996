/** PresenceTeller: tells the application's webhook the events that are this node's to tell, those of each target in order. */

import { pause } from "../async/pause.ts";
import { UnavailableError } from "../journal/journal.ts";
import type { Attempt, Outcome } from "../processor/webhook/attempt.ts";
import { retryDelayMs } from "../processor/webhook/retry_schedule.ts";
import { toRfc3339 } from "../wire/rfc3339.ts";
import { type PresenceEvent, type PresenceRecord, withoutEvent } from "./presence_record.ts";
import type { PresenceRecords } from "./presence_records.ts";
import { ReceiverHealth } from "./receiver_health.ts";

export interface PresenceTellerDeps {
  readonly node: string;
  readonly attempt: Attempt;
  readonly records: Pick<PresenceRecords, "change">;
  readonly log: Record<"debug" | "error", (message: string, properties: Record<string, unknown>) => void>;
  readonly metrics: {
    /** Called when it was tried to tell an event. */
    presenceAttempted(outcome: Outcome["kind"]): void;
    /** Called with the number of events that are given up. */
    presenceLost(events: number): void;
  };
  /** Called with errors other than that the records cannot be reached, which are logged elsewhere. */
  readonly report: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Returns a number from 0 to 1. */
  readonly random?: () => number;
  /** The interval at which a change of a record is tried again. */
  readonly retryMs: number;
}

/** A target with events that are not told yet. */
interface Untold {
  readonly target: string;
  event: PresenceEvent;
  /** Of the event. */
  failures: number;
  /** True if there may be more events than this node knows of. */
  isStale: boolean;
}

/** An event is tried for this long. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** A target has one request at a time, so its events stay in order. One that waits for a retry does not delay others. */
export class PresenceTeller {
  readonly #deps: PresenceTellerDeps;
  readonly #random: () => number;
  readonly #health: ReceiverHealth;
  readonly #untold = new Map<string, Untold>();
  readonly #due = new Set<Untold>(); // the one that waits longest first
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #isDisabled = false; // the application has answered 410

  constructor(deps: PresenceTellerDeps) {
    this.#deps = deps;
    this.#random = deps.random ?? Math.random;
    this.#health = new ReceiverHealth({ onReady: () => this.#start(), random: this.#random });
  }

  /** The number of targets with events that are not told yet. */
  get size(): number {
    return this.#untold.size;
  }

  /** Call this with each record that was changed. Events of other nodes are left to those. */
  tell(target: string, record: PresenceRecord): void {
    const event = this.#nextOf(record), known = this.#untold.get(target);
    if (known !== undefined) known.isStale = true;
    else if (event !== undefined) {
      const untold = { target, event, failures: 0, isStale: false };
      this.#untold.set(target, untold);
      this.#makeDue(untold);
    }
  }

  /** Ends all requests and all waiting. What is not told yet, another node tells, or this service after its next start. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("stopped"));
    this.#health.close();
    for (const timer of this.#retries) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #makeDue(untold: Untold): void {
    this.#due.add(untold);
    this.#start();
  }

  #start(): void {
    for (const untold of this.#due) {
      if (this.#stop.signal.aborted || !this.#health.mayStart(this.#running.size)) return;
      this.#due.delete(untold);
      const running = this.#tell(untold).catch((error) => this.#deps.report(error)).finally(() => {
        this.#running.delete(running);
        this.#start();
      });
      this.#running.add(running);
    }
  }

  async #tell(untold: Untold): Promise<void> {
    if (this.#isDisabled) return await this.#giveUp(untold);
    const { target, event } = untold, { signal } = this.#stop;
    const outcome = await this.#deps.attempt({ id: event.id, body: bodyOf(target, event) }, signal);
    if (signal.aborted && outcome.kind === "failed") return;
    this.#health.note(outcome);
    this.#deps.metrics.presenceAttempted(outcome.kind);
    switch (outcome.kind) {
      case "delivered":
        return await this.#confirm(untold);
      case "gone":
        this.#disable();
        return await this.#giveUp(untold);
      case "failed":
        if (this.#deps.now() - event.foundAt < MAX_AGE_MS) return this.#retry(untold, outcome);
        this.#deps.log.error("gave up {type} of {target} after a day: {reason}", {
          ...event,
          ...outcome,
          target,
        });
        return await this.#giveUp(untold);
      default:
        outcome satisfies never;
    }
  }

  #retry(untold: Untold, { reason, retryAfterMs }: Outcome & { kind: "failed" }): void {
    const { target, event: { id } } = untold, failures = ++untold.failures;
    const waitMs = retryDelayMs(failures, { retryAfterMs, random: this.#random });
    this.#deps.log.debug("will repeat {id} for {target}: {reason}", { id, target, reason, failures, waitMs });
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#makeDue(untold);
    }, waitMs);
    this.#retries.add(timer);
  }

  async #giveUp(untold: Untold): Promise<void> {
    this.#deps.metrics.presenceLost(1);
    await this.#confirm(untold);
  }

  /** Removes an event that needs no further attempt, and turns to the next one. */
  async #confirm(untold: Untold): Promise<void> {
    const { target, event: { id } } = untold,
      { records, report, retryMs } = this.#deps,
      { signal } = this.#stop;
    for (;;) {
      untold.isStale = false;
      try {
        const next = this.#nextOf(await records.change(target, (record) => withoutEvent(record, id)));
        if (next !== undefined) {
          Object.assign(untold, { event: next, failures: 0 });
          return this.#makeDue(untold);
        }
        if (untold.isStale) continue; // an event may have been added after this change was made
        this.#untold.delete(target);
        return;
      } catch (error) {
        if (!(error instanceof UnavailableError)) report(error);
        if (signal.aborted) return;
        await pause(retryMs, signal);
      }
    }
  }

  #nextOf({ events, teller }: PresenceRecord): PresenceEvent | undefined {
    return teller === this.#deps.node ? events[0] : undefined;
  }

  #disable(): void {
    if (!this.#isDisabled) {
      this.#deps.log.error("the presence webhook answered 410: events are dropped from now on", {});
    }
    this.#isDisabled = true;
  }
}

/** The same in all attempts. */
function bodyOf(target: string, { type, at, foundAt }: PresenceEvent): string {
  return JSON.stringify({ type, timestamp: toRfc3339(foundAt), data: { target, at: toRfc3339(at) } });
}
