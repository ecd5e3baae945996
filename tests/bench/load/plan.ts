/** What a load is to do, and what it saw: what the bench and the process of the load tell each other, as JSON. */

/** Where a server listens, and how it is talked to. */
export interface Server {
  readonly port: number;
  /** Whose CPU time and memory are read; Linux only. */
  readonly pid: number;
  /** Everything up to the target's name. */
  readonly connect: string;
  /** Takes one notification. */
  readonly notify: string;
  /** Takes an array of them. */
  readonly many: string;
  /** If it wants to see them: the publisher's key, and the secret that tabs' tokens are signed with. */
  readonly secrets: Secrets | null;
}

export interface Secrets {
  readonly key: string;
  readonly token: string;
}

/** What is done to a server, whichever it is. */
export interface Plan {
  /** They are spread over the targets `t0`, `t1`, …, one after the other. */
  readonly tabs: number;
  readonly targets: number;
  /** One tab of ten reads no more once it is connected; the lines of some are full before anything is measured. */
  readonly stalled: boolean;
  /** Each has one request under way at most. */
  readonly publishers: number;
  /** Notifications in a request. */
  readonly batch: number;
  /** Notifications a second, of all publishers; null: as many as are answered. */
  readonly rate: number | null;
  /** When it ends. Without publishers: how long the tabs are left alone. */
  readonly until: { readonly seconds: number } | { readonly requests: number };
}

/** Which percentiles of the latency are told. */
export const PERCENTILES = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100] as const;

export interface Result {
  readonly connected: number;
  /** Who was not let in. */
  readonly refused: number;
  /** By how much the server's memory grew with the tabs; null: cannot be known here. */
  readonly bytesPerTab: number | null;
  /** Notifications that were accepted, and requests that were not. */
  readonly accepted: number;
  readonly failed: number;
  /** Notifications that reached a tab that reads, of those that should have. */
  readonly delivered: number;
  readonly expected: number;
  /** Tabs that the server sent away. */
  readonly closed: number;
  /** From publisher to tab, in milliseconds, one for each of `PERCENTILES`; none if nothing was delivered. */
  readonly latencies: readonly number[];
  /** Until all tabs were connected. */
  readonly connecting: Usage;
  /** From the first request to the last delivery. */
  readonly running: Usage;
}

export interface Usage {
  readonly seconds: number;
  /** Shares of a core; null: cannot be known here. */
  readonly serverCpu: number | null;
  readonly loadCpu: number | null;
}
