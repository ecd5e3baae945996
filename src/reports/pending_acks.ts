/** A tally: which connections have yet to ack a notification that somebody waits for. */

/** How much all tallies of a node remember together. */
export interface Budget {
  /** Connections that were handed a notification and have not acked it. */
  awaiting: number;
  /** Connections that are on their way to a notification that somebody waits for, and how many of them may be. */
  due: number;
  readonly maxDue: number;
}

/** Who waits until a tally is settled. */
export interface Watcher {
  /** Something has come or gone; is it settled? */
  changed(tally: PendingAcks): void;
}

export interface PendingAcksDeps {
  readonly ledger: Budget;
  /** Called when nobody watches it any more. */
  unwatched(): void;
}

export class PendingAcks {
  readonly #awaiting: Set<string>;
  readonly #deps: PendingAcksDeps;
  readonly #due = new Set<string>(); // they are there, and come by the notification later
  readonly #watchers = new Set<Watcher>();

  /** @param awaiting who was handed the notification and has not acked it; whoever counts adds and deletes there too */
  constructor(awaiting: Set<string>, deps: PendingAcksDeps) {
    this.#awaiting = awaiting;
    this.#deps = deps;
  }

  /** The connections that were handed it, and have not acked it. */
  get awaiting(): { readonly size: number } & Iterable<string> {
    return this.#awaiting;
  }

  /** True if nobody who is known to be there has it unacked, or has yet to get it. */
  get settled(): boolean {
    return this.#awaiting.size === 0 && this.#due.size === 0;
  }

  /** The connection is awaited now. */
  sent(connection: string): void {
    if (this.#due.delete(connection)) this.#deps.ledger.due--;
    this.#tell();
  }

  /** A connection is not awaited any more. */
  acked(): void {
    this.#tell();
  }

  /** The connection is there, and has yet to get it. False: too many are waited for already. */
  expect(connection: string): boolean {
    const { ledger } = this.#deps;
    if (this.#watchers.size === 0) return true;
    if (ledger.due >= ledger.maxDue) return false;
    const { size } = this.#due;
    if (this.#due.add(connection).size === size) return true;
    ledger.due++;
    this.#tell();
    return true;
  }

  /** The connection is not there any more: it can't ack. */
  left(connection: string): void {
    const { ledger } = this.#deps;
    if (this.#awaiting.delete(connection)) ledger.awaiting--;
    if (this.#due.delete(connection)) ledger.due--;
    this.#tell();
  }

  watch(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
    this.#dropDue();
    this.#deps.unwatched();
  }

  /** The notification is counted no more: nobody has to wait for it. */
  forget(): void {
    this.#awaiting.clear();
    this.#dropDue();
    this.#tell();
    this.#watchers.clear();
  }

  #dropDue(): void {
    this.#deps.ledger.due -= this.#due.size;
    this.#due.clear();
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher.changed(this);
  }
}
