/** What the coordinator and a process with tabs say to each other: one JSON text a line. */

import type { Arrivals } from "./arrivals.ts";

/** What a process begins with: the argument of its command. */
export interface ClientPlan {
  /** The beginning of the source addresses of its connections: `127.0.1`. */
  readonly network: string;
  /** The ports of the nodes. */
  readonly ports: readonly number[];
  /** The number of its first tab, and how many it has. */
  readonly first: number;
  readonly count: number;
  /** How many targets all tabs have. */
  readonly targets: number;
  readonly seed: number;
}

/** A notification that the service has answered with 202. Its data is `{"serial": …}`. */
export interface Accepted {
  readonly serial: number;
  /** Null: everyone. */
  readonly target: string | null;
}

export type Question =
  /** What has happened so far, and when the tabs received one notification. */
  | { readonly ask: "tally"; readonly serial: number | null }
  /** What became of all notifications. */
  | { readonly ask: "verdict"; readonly accepted: readonly Accepted[] };

export interface Tally {
  /** Tabs that are connected and welcomed. */
  readonly open: number;
  readonly welcomes: Arrivals;
  readonly closes: Arrivals;
  /** Attempts to connect that were refused. */
  readonly refused: number;
  /** Why the latest attempt was refused; empty: none was. */
  readonly reason: string;
  /** The deliveries of the notification that was asked for. */
  readonly deliveries: Arrivals;
}

/** Sums over tabs. A notification counts once for each tab that should receive it. */
export interface Verdict {
  readonly tabs: number;
  readonly owed: number;
  readonly delivered: number;
  /** Received again. */
  readonly doubled: number;
  /** Accepted and not received. */
  readonly lost: number;
  /** Received, and not for this tab or never accepted. */
  readonly foreign: number;
  /** Times that a tab was told of a loss: by `recovered: false` or by `missed`. */
  readonly told: number;
}
