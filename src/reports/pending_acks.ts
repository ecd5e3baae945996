/** The connections that have yet to ack a notification that a publisher waits for. */

/** Counters that all pending acks of a node share. */
export interface AckBudget {
  /** Connections that were sent a notification and have not acked it. */
  unacked: number;
  /** Connections that an awaited notification was not sent to yet. */
  expected: number;
  readonly maxExpected: number;
}

/** Waits until pending acks are settled. */
export interface PendingAcksListener {
  onChange(pendingAcks: PendingAcks): void;
}

export interface PendingAcksDeps {
  readonly budget: AckBudget;
  /** Called when the last listener is removed. */
  onUnused(): void;
}

export class PendingAcks {
  readonly #unacked: Set<string>;
  readonly #deps: PendingAcksDeps;
  readonly #expected = new Set<string>(); // connections that will be sent the notification later
  readonly #left = new Set<string>(); // unacked connections that have closed; what they posted before may still arrive
  readonly #listeners = new Set<PendingAcksListener>();

  /** @param unacked the connections that were sent the notification; the caller adds and deletes them, too */
  constructor(unacked: Set<string>, deps: PendingAcksDeps) {
    this.#unacked = unacked;
    this.#deps = deps;
  }

  /** The connections that were sent the notification and have not acked it. */
  get unacked(): { readonly size: number } & Iterable<string> {
    return this.#unacked;
  }

  /** True if no known connection that is open has yet to receive or to ack the notification. */
  get isSettled(): boolean {
    return this.#unacked.size === this.#left.size && this.#expected.size === 0;
  }

  /** Called after the caller has added the connection to the unacked ones. */
  sent(connection: string): void {
    if (this.#expected.delete(connection)) this.#deps.budget.expected--;
    this.#notify();
  }

  /** Called after the caller has deleted a connection from the unacked ones. */
  acked(connection: string): void {
    this.#left.delete(connection);
    this.#notify();
  }

  /** Waits for a connection that will be sent the notification later. False: the node waits for too many already. */
  expect(connection: string): boolean {
    const { budget } = this.#deps;
    if (this.#listeners.size === 0) return true;
    if (budget.expected >= budget.maxExpected) return false;
    const { size } = this.#expected;
    if (this.#expected.add(connection).size === size) return true;
    budget.expected++;
    this.#notify();
    return true;
  }

  /** Called when a connection has closed, because nobody should wait for it any more. Its ack still counts. */
  left(connection: string): void {
    if (this.#unacked.has(connection)) this.#left.add(connection);
    if (this.#expected.delete(connection)) this.#deps.budget.expected--;
    this.#notify();
  }

  addListener(listener: PendingAcksListener): void {
    this.#listeners.add(listener);
  }

  removeListener(listener: PendingAcksListener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    this.#clearExpected();
    this.#deps.onUnused();
  }

  /** Settles, because the report is dropped. */
  drop(): void {
    this.#unacked.clear();
    this.#left.clear();
    this.#clearExpected();
    this.#notify();
    this.#listeners.clear();
  }

  #clearExpected(): void {
    this.#deps.budget.expected -= this.#expected.size;
    this.#expected.clear();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener.onChange(this);
  }
}
