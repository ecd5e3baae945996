/** The stage of a fault: nodes that run, and the door in front of them that all clients use. */

import type { ServiceProcess } from "../../end_to_end/service_process.ts";
import type { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { PUBLISHER_KEY } from "../../deploy/nodes.ts";
import { TOKEN_SECRET } from "../../http/auth/signed_token.ts";

export const JOURNALS = ["memory", "sqlite", "nats"] as const;
export type JournalName = typeof JOURNALS[number];

export interface Stage extends AsyncDisposable {
  /** Leads each connection to the next node, and keeps its port while nodes come and go. */
  readonly door: FaultyProxy;
  /** Where publishers' sockets connect, if not at the door: they go past a proxy. */
  readonly publisherDoor?: FaultyProxy;
  /** The number of nodes, whether they run or not. */
  readonly count: number;
  node(index: number): ServiceProcess;
  startNode(index: number): Promise<void>;
  /** Sends a signal, and resolves when the process has exited. */
  stopNode(index: number, signal: Deno.Signal): Promise<void>;
}

/** The environment of every node: as in production, with a retention that no test exceeds, even if the clock is wrong. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  TIDINGS_PUBLISHER_KEYS: PUBLISHER_KEY,
  TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
  TIDINGS_RETENTION_SECONDS: "86400",
  TIDINGS_RETENTION_PER_TARGET: "1000000",
};
