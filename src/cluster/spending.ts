/** What publishers' keys spend of their limits, as nodes tell each other. */

/** What a publisher's key has spent of its limits. */
export interface KeySpending {
  /** The name of the key. */
  readonly key: string;
  readonly requests: number;
  readonly notifications: number;
}

/** What publishers' keys have spent on this node, and on others. */
export interface SpendingLedger {
  /** Returns what was spent on this node since the last call. Called once a heartbeat. */
  takeSpent(): readonly KeySpending[];
  /** Called with what another node has spent, within the last milliseconds. */
  receive(spending: readonly KeySpending[], withinMs: number): void;
}
