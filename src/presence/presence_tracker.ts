/** PresenceTracker: writes into the records which targets have connections on this node. */

import { Retries } from "../async/retries.ts";
import { Semaphore } from "../async/semaphore.ts";
import { UnavailableError } from "../journal/journal.ts";
import { type ChangeRecord, type PresenceRecord, withNode, withoutNode } from "./presence_record.ts";
import type { PresenceRecords } from "./presence_records.ts";

export interface PresenceTrackerDeps {
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

/** Changes of one target are made in order. Those that wait while others are being made are then made together. */
export class PresenceTracker {
  readonly #deps: PresenceTrackerDeps;
  readonly #turns = new Semaphore(MAX_AT_ONCE);
  readonly #retries: Retries;
  readonly #held = new Set<string>();
  readonly #unrecorded = new Map<string, Unrecorded>();
  readonly #stop = new AbortController();

  constructor(deps: PresenceTrackerDeps) {
    this.#deps = deps;
    this.#retries = new Retries({ ms: deps.retryMs, atOnce: MAX_AT_ONCE, signal: this.#stop.signal });
  }

  /** The targets that have connections on this node. */
  get held(): Iterable<string> {
    return this.#held;
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
    void this.withdraw(target, at);
  }

  /** Records that this node has connections of the target. Resolves when that is recorded, or after `stop`. */
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
      this.#deps.onChange(target, await this.#deps.records.change(target, together(batch)));
      return true;
    } catch (error) {
      changes.unshift(...batch);
      if (!(error instanceof UnavailableError)) this.#deps.report(error);
      return false;
    }
  }
}

function together(changes: readonly ChangeRecord[]): ChangeRecord {
  return (record) => changes.reduce((changed, change) => change(changed), record);
}
