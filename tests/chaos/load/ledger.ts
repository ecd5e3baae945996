/** What the service has promised: every notification that a publisher sent, and what became of it. */

/** A notification that the service has answered with 202. */
export interface Accepted {
  readonly id: string;
  /** Null: everyone. */
  readonly target: string | null;
  readonly position: string;
  /** When it was first sent, and when it was answered: milliseconds of the monotonic clock. */
  readonly sentAt: number;
  readonly acceptedAt: number;
}

export class Ledger {
  readonly accepted: Accepted[] = [];
  /** The target of every notification that was sent, by its id. */
  readonly sent = new Map<string, string | null>();
  /** The number of answers by status; `none` counts requests without an answer. */
  readonly statuses = new Map<number | "none", number>();
  /** Answers that no fault excuses. */
  readonly refusals: string[] = [];

  count(status: number | "none"): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }
}
