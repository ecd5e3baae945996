/** Escalation: withdraws the push of a notification as soon as its target has acked or read the notification. */

import { Semaphore } from "../async/semaphore.ts";
import { pause } from "../async/pause.ts";
import { within } from "../async/within.ts";
import { UnavailableError } from "../journal/journal.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { isPushOf, pushKey } from "./push_record.ts";

/** A notification that was sent to a connection. */
export interface SentNotification {
  readonly id: string | null;
  readonly target: string | null;
  readonly hasPush?: boolean;
}

export interface EscalationDeps {
  readonly schedule: Pick<Schedule, "cancel" | "has">;
  /** Called with errors other than that the schedule cannot be reached, which are logged elsewhere. */
  readonly report: (error: unknown) => void;
  /** The interval at which a withdrawal that failed is tried again. */
  readonly retryMs: number;
  /** The number of notifications that are noted when they are sent. */
  readonly maxAwaited?: number;
}

const MAX_AWAITED = 2 ** 17; // with keys of 100 characters they take 20 MB
const MAX_UNDER_WAY = 256;

/**
 * An ack names a notification by its id alone, and may come to another node than the one that has sent it, or after a
 * restart: so the schedule says whether a push waits. It may know of a push late that another node has kept, so a node
 * also notes those that it sends. All other acks cost a look into memory.
 */
export class Escalation {
  readonly #deps: EscalationDeps;
  readonly #maxAwaited: number;
  readonly #awaited = new Set<string>(); // keys, the oldest first
  /** The pushes that are being withdrawn, by key. None is sent from here, even if the schedule cannot be reached. */
  readonly #withdrawing = new Map<string, Promise<void>>();
  readonly #turns = new Semaphore(MAX_UNDER_WAY);
  readonly #stop = new AbortController();

  constructor(deps: EscalationDeps) {
    this.#deps = deps;
    this.#maxAwaited = deps.maxAwaited ?? MAX_AWAITED;
  }

  /** Called when notifications were sent to a connection. */
  sent(notifications: readonly SentNotification[]): void {
    for (const one of notifications) if (one.hasPush) this.#await(one);
  }

  /** Called when a connection of the target has acked the notifications with these ids. */
  acked(ids: readonly string[], target: string): void {
    for (const id of ids) {
      const key = pushKey(id, target);
      if (this.#awaited.delete(key) || this.#deps.schedule.has(key)) this.#withdraw(key);
    }
  }

  /** Called when the target has read notifications that have a push. */
  read(ids: readonly string[], target: string): void {
    for (const id of ids) this.#withdraw(pushKey(id, target));
  }

  /** Forgets that notifications with a push were sent to a target. */
  forget(target: string): void {
    for (const key of this.#awaited) if (isPushOf(target, key)) this.#awaited.delete(key);
  }

  /** True if the push with this key is being withdrawn. */
  isWithdrawn(key: string): boolean {
    return this.#withdrawing.has(key);
  }

  /** Resolves when nothing is being withdrawn, or when the signal aborts. What is left then may be pushed. */
  async close(signal: AbortSignal): Promise<void> {
    await within(Promise.all(this.#withdrawing.values()), { signal });
    this.#stop.abort();
  }

  #await({ id, target }: SentNotification): void {
    if (id === null || target === null) return;
    this.#awaited.add(pushKey(id, target));
    if (this.#awaited.size <= this.#maxAwaited) return;
    const [oldest = ""] = this.#awaited;
    this.#awaited.delete(oldest);
  }

  #withdraw(key: string): void {
    if (this.#withdrawing.has(key)) return;
    const withdrawn = this.#turns.run(() => this.#cancel(key)).then(() => void this.#withdrawing.delete(key));
    this.#withdrawing.set(key, withdrawn);
  }

  /** Tries again while the schedule cannot be reached, and while the push is being sent, which may be to be repeated. */
  async #cancel(key: string): Promise<void> {
    const { schedule, report, retryMs } = this.#deps, { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (await schedule.cancel(key) !== "too late") return;
      } catch (error) {
        if (!(error instanceof UnavailableError)) report(error);
      }
      await pause(retryMs, signal);
    }
  }
}
