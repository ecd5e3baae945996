/** The verdict on a history: the first promise that was found broken, which ends it. */

/** What Tidings promises, in the words that a failure is reported with. */
export const PROMISES = {
  delivered:
    "every notification reaches every tab of its target, or the tab is told that something is missing",
  once: "no tab receives a notification twice",
  order: "every tab receives its notifications in the order of the journal, and resumes where it left off",
  addressee: "nobody but the tabs of its target receives a notification, and they receive it unchanged",
  truth: "a tab is told of a loss only if the journal has lost something",
  receipt: "a receipt is for what the journal has, and a repeat changes nothing",
  marks: "all tabs of a target agree on what it has read, and each mark is answered",
  reports: "the sums of the reports are right",
  waits: "a publisher waits for acks exactly as long as acks are missing",
  ghosts: "the hub knows the connections that are there, and no other",
  slots: "every slot is given back, and no limit of connections is exceeded",
  bounds: "every queue is bounded",
  tokens: "a connection lasts as long as its token",
  stalls: "a connection to which nothing can be sent is closed",
  stop: "a node that stops delivers what it has accepted, and leaves nothing behind",
  errors: "no part of a node fails",
} as const;

export type PromiseName = keyof typeof PROMISES;

export interface Violation {
  readonly promise: PromiseName;
  readonly detail: string;
}

export class Verdict {
  #violation: Violation | undefined;

  /** Undefined: every promise was kept so far. */
  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** Only the first violation counts, because the others may follow from it. */
  broken(promise: PromiseName, detail: string): void {
    this.#violation ??= { promise, detail };
  }
}
