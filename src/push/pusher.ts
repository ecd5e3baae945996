/** The pusher: takes pushes that are due from the schedule, and sends each to the devices of its target. */

import { Semaphore } from "../async/semaphore.ts";
import { pause } from "../async/pause.ts";
import { UnavailableError } from "../journal/journal.ts";
import type { Schedule, ScheduledRecord } from "../schedule/schedule.ts";
import { type DuePush, parsePush, PUSH, toRecord } from "./push_record.ts";
import type { NextTry } from "./next_try.ts";
import type { PushDelivery } from "./push_delivery.ts";

export interface PusherDeps {
  readonly schedule: Pick<Schedule, "take" | "forget" | "postpone">;
  readonly delivery: Pick<PushDelivery, "deliver">;
  /** Called with errors other than that the journal or a store cannot be reached, which are logged elsewhere. */
  readonly report: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The interval at which it looks for what is due, and after a failure tries again. */
  readonly everyMs: number;
}

const MAX_RECORDS = 64;
const MAX_BYTES = 1024 * 1024;
const RETRY_MS = 5_000;

/** The log counts those that have the same text, of which anybody who may write to the store can make many. */
const UNREADABLE = "a push is scheduled in a form that cannot be read, and is dropped";

export class Pusher {
  readonly #deps: PusherDeps;
  readonly #turns = new Semaphore(MAX_RECORDS);
  readonly #inHand = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(deps: PusherDeps) {
    this.#deps = deps;
    this.#running = this.#run();
  }

  /** Takes nothing any more, and cuts the sendings off. Resolves when all records are sent or given up to other nodes. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#inHand);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const taken = await this.#take().catch((error) => this.#report(error)) ?? [];
      for (const record of taken) this.#start(record);
      if (taken.length === 0) await pause(this.#deps.everyMs, this.#stop.signal);
      else if (this.#turns.free === 0) await Promise.race(this.#inHand);
    }
  }

  async #take(): Promise<readonly ScheduledRecord[]> {
    if (this.#turns.free === 0) return [];
    return await this.#deps.schedule.take(PUSH, { records: this.#turns.free, bytes: MAX_BYTES });
  }

  #start(record: ScheduledRecord): void {
    const done = this.#turns.run(() => this.#send(record)).finally(() => this.#inHand.delete(done));
    this.#inHand.add(done);
  }

  async #send(record: ScheduledRecord): Promise<void> {
    let push: DuePush;
    try {
      push = parsePush(record);
    } catch {
      this.#deps.report(new Error(UNREADABLE));
      return await this.#end(record, null);
    }
    const next = await this.#deps.delivery.deliver(push, this.#stop.signal).catch((error): NextTry => {
      this.#report(error);
      return { push, at: this.#deps.now() + RETRY_MS };
    });
    await this.#end(record, next);
  }

  /** Tries until the schedule knows it, because only then another node, or this one, may take the record again. */
  async #end({ key, digest }: ScheduledRecord, next: NextTry | null): Promise<void> {
    const { schedule, everyMs } = this.#deps;
    for (;;) {
      try {
        if (next === null) await schedule.forget([key]);
        else await schedule.postpone([toRecord(next.push, { digest, at: next.at })]);
        return;
      } catch (error) {
        this.#report(error);
        if (this.#stop.signal.aborted) return;
        await pause(everyMs, this.#stop.signal);
      }
    }
  }

  #report(error: unknown): void {
    if (!(error instanceof UnavailableError)) this.#deps.report(error);
  }
}
