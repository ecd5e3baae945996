/** PresenceTracker: writes into the records which targets have connections on this node. */

import { Retries } from "../async/retries.ts";
import { Semaphore } from "../async/semaphore.ts";
import { UnavailableError } from "../journal/journal.ts";
import { type ChangeRecord, NOBODY, type PresenceRecord, withNode, withoutNode } from "./presence_record.ts";
import { NoRoomError, type PresenceRecords } from "./presence_records.ts";
import { TargetsWithoutRoom, type TargetsWithoutRoomDeps } from "./targets_without_room.ts";

export interface PresenceTrackerDeps extends TargetsWithoutRoomDeps {
  /** The name of this node. */
  readonly node: string;
  readonly records: Pick<PresenceRecords, "change">;
  /** Called with each record that this node has changed. */
  onChange(target: string, record: PresenceRecord): void;
  /** Called with errors other than that the records cannot be reached, which are logged elsewhere. */
  readonly report: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The interval at which changes are tried again. */
  readonly retryMs: number;
}

/** A target of this node that has changes which are not recorded yet. */
interface Unrecorded {
  readonly changes: ChangeRecord[];
  readonly done: Promise<void>;
}

const MAX_AT_ONCE = 64;
/** While the records cannot be reached, a target may come and go as often as this. Earlier times are then forgotten. */
const MAX_CHANGES = 32;

/**
 * Changes of one target are made in order. Those that wait while others are being made are then made together. A change for
 * which there is no room is not made: while the target is connected it is tried again now and then, and is forgotten after
 * that, or else what waits would grow without end.
 */
export class PresenceTracker {
  readonly #deps: PresenceTrackerDeps;
  readonly #turns = new Semaphore(MAX_AT_ONCE);
  readonly #retries: Retries;
  readonly #held = new Set<string>();
  readonly #roomless: TargetsWithoutRoom;
  readonly #unrecorded = new Map<string, Unrecorded>();
  readonly #stop = new AbortController();
  #isTryingAgain = false;

  constructor(deps: PresenceTrackerDeps) {
    this.#deps = deps;
    this.#roomless = new TargetsWithoutRoom(deps);
    this.#retries = new Retries({ ms: deps.retryMs, atOnce: MAX_AT_ONCE, signal: this.#stop.signal });
  }

  /** The targets that have connections on this node. */
  get held(): Iterable<string> {
    return this.#held;
  }

  /** The number of targets that have connections on this node, and no record because there is no room. */
  get withoutRoom(): number {
    return this.#roomless.size;
  }

  holds(target: string): boolean {
    return this.#held.has(target);
  }

  arrived(target: string): void {
    this.#held.add(target);
    void this.confirm(target);
  }

  /** @param at when its last connection on this node ended, in milliseconds since 1970 */
  departed(target: string, at: number): void {
    this.#held.delete(target);
    if (this.#roomless.delete(target)) this.#roomless.lose(2); // neither that it came nor that it went is told
    void this.withdraw(target, at);
  }

  /** Called often. Tries again what there was no room for. */
  tick(): void {
    this.#roomless.tick();
    if (this.#isTryingAgain || this.#roomless.size === 0) return;
    this.#isTryingAgain = true;
    void this.#tryAgain().finally(() => this.#isTryingAgain = false);
  }

  /**
   * Records that this node has connections of the target. Resolves when that is recorded, when there is no room for it, or
   * after `settle`.
   */
  confirm(target: string): Promise<void> {
    const moment = this.#moment(this.#deps.now());
    return this.change(target, (record) => withNode(record, moment));
  }

  /** Records that this node has none. Resolves as `confirm` does. */
  withdraw(target: string, at: number): Promise<void> {
    const moment = this.#moment(at);
    return this.change(target, (record) => withoutNode(record, moment));
  }

  /** Makes a change of a record after all earlier ones of its target. Resolves as `confirm` does. */
  change(target: string, change: ChangeRecord): Promise<void> {
    const waiting = this.#unrecorded.get(target);
    if (waiting !== undefined) {
      waiting.changes.push(change);
      if (waiting.changes.length > MAX_CHANGES) waiting.changes.splice(0, 2);
      return waiting.done;
    }
    const changes = [change], done = this.#record(target, changes);
    this.#unrecorded.set(target, { changes, done });
    return done;
  }

  /** Resolves when everything is recorded, or when the signal aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#stop.abort(), { once: true });
    if (signal.aborted) this.#stop.abort();
    while (this.#unrecorded.size > 0) {
      await Promise.all([...this.#unrecorded.values()].map(({ done }) => done));
    }
  }

  /** One after the other, because there is no room for the others either if there is none for the first. */
  async #tryAgain(): Promise<void> {
    for (const target of this.#roomless) {
      await this.confirm(target);
      if (this.#roomless.has(target)) return;
    }
  }

  #moment(at: number): { node: string; at: number; now: number } {
    return { node: this.#deps.node, at, now: this.#deps.now() };
  }

  async #record(target: string, changes: ChangeRecord[]): Promise<void> {
    await Promise.resolve(); // so that the target is known to have changes before the first one is made
    const attempt = () => this.#attempt(target, changes);
    while (changes.length > 0 && !this.#stop.signal.aborted) {
      if (!await this.#turns.run(attempt)) await this.#retries.untilDone(attempt);
    }
    this.#unrecorded.delete(target);
  }

  /** Resolves to false if the changes could not be made. */
  async #attempt(target: string, changes: ChangeRecord[]): Promise<boolean> {
    const batch = changes.splice(0);
    try {
      const record = await this.#deps.records.change(target, together(batch));
      this.#roomless.delete(target);
      this.#deps.onChange(target, record);
      return true;
    } catch (error) {
      if (error instanceof NoRoomError) {
        this.#giveUp(target, batch);
        return true;
      }
      changes.unshift(...batch);
      if (!(error instanceof UnavailableError)) this.#deps.report(error);
      return false;
    }
  }

  /** Of a connected target, the last event is told when there is room. */
  #giveUp(target: string, changes: readonly ChangeRecord[]): void {
    const isHeld = this.#held.has(target), { events } = together(changes)(NOBODY);
    if (isHeld) this.#roomless.add(target);
    this.#roomless.lose(events.length - (isHeld ? 1 : 0));
  }
}

function together(changes: readonly ChangeRecord[]): ChangeRecord {
  return (record) => changes.reduce((changed, change) => change(changed), record);
}
