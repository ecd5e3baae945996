/** The steps of a history: what somebody outside of the nodes does, or what happens to them. */

import type { Setting } from "./setting.ts";

/** `tab` is the index of a tab in the setting, and `node` that of a node. */
export type Step =
  | { readonly do: "wait"; readonly ms: number }
  /** A tab that is closed is opened, and from then on comes back by itself after every loss of its connection. */
  | { readonly do: "open"; readonly tab: number }
  /** The tab is closed. When it is opened again, it resumes. */
  | { readonly do: "close"; readonly tab: number }
  /** The tab loses its connection: both sides notice, or (silent) the node does not before it has waited for long. */
  | { readonly do: "cut"; readonly tab: number; readonly silent: boolean; readonly awayMs: number }
  /** The tab stops reading, and reads on. */
  | { readonly do: "stall" | "flow"; readonly tab: number }
  | NotifyStep
  /** An earlier request is sent again, with the same ids. `back` counts from the last one. */
  | { readonly do: "repeat"; readonly back: number }
  /** A tab marks the last notifications that it has received, or all up to the last one but `count`. */
  | {
    readonly do: "mark";
    readonly tab: number;
    readonly as: "read" | "unread" | "through";
    readonly count: number;
  }
  /** A publisher marks everything that a target has. */
  | { readonly do: "mark all"; readonly target: string }
  /** The journal says that entries may be missing, although none is. */
  | { readonly do: "gap"; readonly node: number; readonly target: string | null }
  /** A node is suspended, as by SIGSTOP. */
  | { readonly do: "freeze"; readonly node: number; readonly ms: number }
  /** A node loses its connections to the other nodes and to the store, until it is healed. */
  | { readonly do: "isolate" | "heal"; readonly node: number }
  | { readonly do: "stop" | "kill" | "start"; readonly node: number }
  /** The backend closes the connections of a target. Its tabs stay away until they are opened. */
  | { readonly do: "disconnect"; readonly target: string };

export interface NotifyStep {
  readonly do: "notify";
  /** Null: everyone. */
  readonly targets: readonly string[] | null;
  /** How many notifications, in one request. */
  readonly count: number;
  readonly bytes: number;
  readonly ttl?: number;
  readonly topic?: string;
  /** Whether the publisher gives the notifications ids of its own, so that it can repeat the request. */
  readonly hasIds: boolean;
  /** How long the publisher waits for acks. */
  readonly waitSeconds?: number;
}

export interface History {
  readonly setting: Setting;
  readonly steps: readonly Step[];
}
