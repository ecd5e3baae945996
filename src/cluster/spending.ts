/** What is spent of limits that hold for all nodes together, as nodes tell each other. */

/** What was spent of one limit. */
export interface Spending {
  /** The name of the limit. */
  readonly limit: string;
  /** Whose limit it is: the name of a publisher's key, or a client's network. */
  readonly of: string;
  /** How much: a positive integer. */
  readonly count: number;
}

/** What was spent on this node, and on others. */
export interface SpendingLedger {
  /**
   * Returns what was spent on this node since the last call. Called at the start, from which on the ledger counts, and once
   * a heartbeat.
   */
  takeSpent(): readonly Spending[];
  /** Called with what another node has spent, within the last milliseconds. */
  receive(spending: readonly Spending[], withinMs: number): void;
}
