/** The scheduler: the source of notifications that are due. It takes them from the schedule, and the intake accepts them. */

import { pause } from "../async/pause.ts";
import { type Draft, type Receipt, UnavailableError } from "../journal/journal.ts";
import type { Schedule, ScheduledRecord } from "../schedule/schedule.ts";
import { Problem } from "../wire/problem.ts";
import type { AcceptOptions, Intake } from "./intake.ts";
import { freshId, SCHEDULED, toDrafts } from "./scheduled_notification.ts";

export interface SchedulerDeps {
  readonly schedule: Pick<Schedule, "take" | "finish" | "release">;
  readonly intake: Pick<Intake, "accept">;
  /** Called with errors other than that the journal or the schedule cannot be reached, which are logged elsewhere. */
  readonly report: (error: unknown) => void;
  readonly log: Record<"warn", (message: string, properties: Record<string, unknown>) => void>;
  /** Resolves in the next turn of the event loop. */
  readonly nextTurn: () => Promise<void>;
  /**
   * The interval at which it looks for what is due, and after a failure tries again. No timer runs until a due time, so
   * it does no harm if the clock jumps.
   */
  readonly everyMs: number;
}

/** What is taken at a time. Publishers find room between two batches. */
const BATCH = { records: 256, bytes: 1024 * 1024 };
const MAX_DRAFTS = 1_000; // in one append; a notification has at most as many targets
/** Scheduled notifications with pushes may have filled the schedule, and would never go out otherwise. */
const MAY_LACK_PUSHES: AcceptOptions = { mayLackPushes: true };

/** A notification that is due. */
interface DueNotification {
  readonly record: ScheduledRecord;
  readonly drafts: readonly Draft[];
}

/** The log counts those that have the same text, of which anybody who may write to the store can make many. */
const UNREADABLE = "a notification is scheduled in a form that cannot be read, and is dropped";

export class Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#running = this.#run();
  }

  /** Takes nothing any more. Resolves when everything that was taken is sent or given up to other nodes. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const hasSent = await this.#sendBatch().catch((error) => this.#report(error));
      if (hasSent) await this.#deps.nextTurn();
      else await pause(this.#deps.everyMs, this.#stop.signal);
    }
  }

  /** Resolves to true if it has sent a batch and there may be more. */
  async #sendBatch(): Promise<boolean> {
    const taken = await this.#deps.schedule.take(SCHEDULED, BATCH);
    return taken.length > 0 && await this.#send(await this.#parse(taken));
  }

  /** A record that cannot be parsed is from another version, or was changed in the store, and would always fail. */
  async #parse(taken: readonly ScheduledRecord[]): Promise<readonly DueNotification[]> {
    const due: DueNotification[] = [], broken: string[] = [];
    for (const record of taken) {
      try {
        due.push({ record, drafts: toDrafts(record) });
      } catch {
        broken.push(record.key);
        this.#deps.report(new Error(UNREADABLE));
      }
    }
    if (broken.length > 0) await this.#deps.schedule.finish(broken);
    return due;
  }

  /** Sends what was taken, in order. Resolves to false if it could not send all of it, and has given up the rest. */
  async #send(due: readonly DueNotification[]): Promise<boolean> {
    let sent = 0;
    try {
      while (sent < due.length && !this.#stop.signal.aborted) {
        const batch = firstOf(due.slice(sent));
        await this.#accept(batch);
        sent += batch.length;
        await this.#finish(batch);
      }
      return sent === due.length;
    } catch (error) {
      this.#report(error);
      return false;
    } finally {
      await this.#deps.schedule.release(keysOf(due.slice(sent)));
    }
  }

  /**
   * Rejects with a {@linkcode Problem} if there is no room. What was accepted by then is recognised as a repeat. Pushes
   * need none: they share the room of what is scheduled, which what is due now may have filled itself.
   */
  async #accept(batch: readonly DueNotification[]): Promise<void> {
    const receipts = await this.#deps.intake.accept(batch.flatMap(({ drafts }) => drafts), MAY_LACK_PUSHES);
    let from = 0;
    for (const { record, drafts } of batch) {
      const conflicts = conflictsOf(drafts, receipts.slice(from, from += drafts.length));
      if (conflicts.length > 0) await this.#acceptUnderFreshId(record, conflicts);
    }
  }

  async #acceptUnderFreshId(record: ScheduledRecord, drafts: readonly Draft[]): Promise<void> {
    const id = freshId(record);
    await this.#deps.intake.accept(drafts.map((draft) => ({ ...draft, id })), MAY_LACK_PUSHES);
    this.#deps.log.warn(
      "the id {id} of a scheduled notification was used for something else, so it was sent as {fresh}",
      { id: drafts[0]?.id, fresh: id },
    );
  }

  /** If this fails, it is tried again: what is sent must not be sent again, and the journal may not remember it. */
  async #finish(batch: readonly DueNotification[]): Promise<void> {
    for (;;) {
      try {
        return await this.#deps.schedule.finish(keysOf(batch));
      } catch (error) {
        this.#report(error);
        if (this.#stop.signal.aborted) return;
        await pause(this.#deps.everyMs, this.#stop.signal);
      }
    }
  }

  #report(error: unknown): void {
    if (!(error instanceof Problem || error instanceof UnavailableError)) this.#deps.report(error);
  }
}

/** The first notifications, as many as one append takes. */
function firstOf(due: readonly DueNotification[]): readonly DueNotification[] {
  let drafts = 0;
  const end = due.findIndex((one, index) => (drafts += one.drafts.length) > MAX_DRAFTS && index > 0);
  return end < 0 ? due : due.slice(0, end);
}

function keysOf(due: readonly DueNotification[]): string[] {
  return due.map(({ record }) => record.key);
}

function conflictsOf(drafts: readonly Draft[], receipts: readonly Receipt[]): readonly Draft[] {
  return drafts.filter((_, index) => receipts[index]?.outcome === "conflict");
}
