/** The nodes port: how a node asks all nodes of the service a question, and how each node answers for itself. */

import type { TransportKind } from "../wire/transport_kind.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { BrowserMessage } from "../wire/protocol.ts";
import type { AwaitedNotification, NodeReport } from "../reports/report.ts";
import type { SpendingLedger } from "./spending.ts";

/** A connection, as its node reports it. */
export interface ConnectionInfo {
  readonly id: string;
  readonly transport: TransportKind;
  /** Milliseconds since 1970, by the clock of the connection's node. */
  readonly connectedAt: number;
  /** True while the connection reads the journal, false while it is live. */
  readonly behind: boolean;
}

/** A target that has connections, as a node reports it. */
export interface ConnectedTarget {
  readonly target: string;
  readonly connections: Readonly<Record<TransportKind, number>>;
}

/** The reason why a connection accepted none of the posted messages. The browser receives it as a problem. */
export interface ReceiveRefusal {
  readonly kind: "too-many-requests" | "unavailable";
  readonly detail: string;
  /** Headers of the answer, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The result of a `receive` question on one node. `not-found`: the connection is not on this node. */
export type ReceiveOutcome = "accepted" | "not-found" | ReceiveRefusal;

/**
 * Every kind of question, with its parameters and its answer.
 *
 * All of them are JSON values, because they travel between nodes. A node answers for its own connections and its own
 * memory only; the caller combines the answers.
 */
export interface QuestionKinds {
  /** Lists the connections of a target. */
  readonly connections: {
    parameters: { readonly target: string };
    answer: readonly ConnectionInfo[];
  };
  /**
   * Asks when a target last had a connection on the node, in milliseconds since 1970: now, or when its last one ended.
   * Null: that was before the linger. Nodes of earlier versions answer with an error.
   */
  readonly seen: {
    parameters: { readonly target: string };
    answer: number | null;
  };
  /** Lists the first targets after a cursor that have connections, in the order of their UTF-16 code units. */
  readonly targets: {
    parameters: { readonly after: string; readonly limit: number };
    answer: readonly ConnectedTarget[];
  };
  /** Closes the connections of a target. Answers with their number, after the hub has removed them. */
  readonly disconnect: {
    parameters: { readonly target: string };
    answer: number;
  };
  /** Erases everything of a target, in what the nodes share and in the memory of this one, and closes its connections. */
  readonly erase: {
    parameters: { readonly target: string };
    answer: null;
  };
  /** Reads delivery reports. The answer has one element for each id, in the same order; null: no report. */
  readonly reports: {
    parameters: { readonly ids: readonly string[] };
    answer: readonly (NodeReport | null)[];
  };
  /**
   * Waits until every connection that should receive the notifications has acked them or closed. Answers then, or
   * after `withinMs` milliseconds.
   */
  readonly acks: {
    parameters: { readonly notifications: readonly AwaitedNotification[]; readonly withinMs: number };
    answer: null;
  };
  /** Hands messages that a browser posted to one connection of the target. It accepts all of them or none. */
  readonly receive: {
    parameters: {
      readonly target: string;
      readonly connection: string;
      readonly messages: readonly BrowserMessage[];
    };
    answer: ReceiveOutcome;
  };
  /** Reads the node's metrics. */
  readonly metrics: {
    parameters: Readonly<Record<never, never>>;
    answer: Metrics;
  };
}

export type QuestionKind = keyof QuestionKinds;

/** A question: its kind and its parameters in one object, such as `{ kind: "disconnect", target: "alexander" }`. */
export type Question<K extends QuestionKind = QuestionKind> = {
  [Kind in K]: { readonly kind: Kind } & QuestionKinds[Kind]["parameters"];
}[K];

/** The answer of one node: its value, or the reason why the node gave none. */
export type NodeAnswer<K extends QuestionKind = QuestionKind> =
  | { readonly node: string; readonly value: QuestionKinds[K]["answer"] }
  | { readonly node: string; readonly error: string };

/**
 * One function for each kind of question. Each may reject; the node that asked then receives the error's message.
 * The signal aborts when nobody waits for the answer any more.
 */
export type QuestionHandlers = {
  readonly [K in QuestionKind]: (
    question: Question<K>,
    signal: AbortSignal,
  ) => Promise<QuestionKinds[K]["answer"]>;
};

/** A node of the service, with its load. */
export interface Member {
  /** The node's name, which is unique in the service. */
  readonly node: string;
  /** The number of connections that the node has now. */
  readonly connections: number;
  /** The number of connections that the node accepts at most; 0 while it is stopping. */
  readonly capacity: number;
}

/**
 * The nodes of the service, as one of them sees them.
 *
 * `tests/contracts/nodes.ts` runs the same tests against every adapter. The callers are:
 *
 * - routes: `ask`, a few times for some requests;
 * - the composition: `serve` once, and `shareSpending` once;
 * - the rebalancer: `members`, once a second;
 * - admission: `announce` for each connection that opens or closes, and `connectionsElsewhere` before each one opens.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SingleNode } from "./single_node.ts";
 *
 * async function countConnections(nodes: Nodes, target: string): Promise<number> {
 *   let count = 0;
 *   for await (const answer of nodes.ask({ kind: "connections", target })) {
 *     if ("error" in answer) throw new Error(`node ${answer.node} could not answer: ${answer.error}`);
 *     count += answer.value.length;
 *   }
 *   return count;
 * }
 *
 * const alone = new SingleNode("n1", { connections: () => 1, capacity: () => 10, report: console.error });
 * alone.serve({
 *   connections: () => Promise.resolve([{ id: "tab", transport: "sse", connectedAt: 0, behind: false }]),
 *   seen: () => Promise.resolve(null),
 *   targets: () => Promise.resolve([]),
 *   disconnect: () => Promise.resolve(0),
 *   erase: () => Promise.resolve(null),
 *   reports: ({ ids }) => Promise.resolve(ids.map(() => null)),
 *   acks: () => Promise.resolve(null),
 *   receive: () => Promise.resolve("not-found"),
 *   metrics: () => Promise.reject(new Error("this example has no metrics")),
 * });
 * assertEquals(await countConnections(alone, "alexander"), 1);
 * ```
 */
export interface Nodes {
  /**
   * Asks every node, including this one, and yields each answer as it arrives.
   *
   * A node that fails yields an `error`. A node that has left or crashed yields an `error` or nothing. No node can
   * keep the caller waiting for ever. Nothing is asked before the first iteration.
   *
   * The iteration ends when all nodes have answered, when the caller stops iterating, or when the signal aborts. The
   * signal ends it at once and without an exception. In the last two cases, the handlers' signals abort as well.
   */
  ask<K extends QuestionKind>(question: Question<K>, signal?: AbortSignal): AsyncIterable<NodeAnswer<K>>;

  /** Sets the handlers of this node. Called once; until then, the node answers every question with an `error`. */
  serve(handlers: QuestionHandlers): void;

  /** The known nodes with their load, this node first. Synchronous. Nodes send their load once a heartbeat. */
  members(): readonly Member[];

  /**
   * Tells the other nodes how many connections the target has on this node. Synchronous. Every node that has
   * connections of the same target receives the number within one heartbeat.
   *
   * Returns how many connections the target has on the other nodes at this moment, if nodes can tell each other in time,
   * as the isolates of a process can. Over a network they cannot, and it returns nothing.
   *
   * @param connections all of them, not the difference; 0 after the last one has closed
   */
  announce(target: string, connections: number): void | number | Promise<number>;

  /**
   * The number of connections that the target has on the other nodes, as far as this node knows. Synchronous.
   *
   * The number is complete two heartbeats after the target's first connection on this node. It is 0 one heartbeat
   * after the target's last connection on this node has closed, because the node then forgets the target.
   *
   * A message may get lost. If the number then keeps a connection out, this node asks again, and soon drops what no
   * other node confirms.
   */
  connectionsElsewhere(target: string): number;

  /**
   * Tells the other nodes with each heartbeat what was spent of limits here, and the ledger what was spent elsewhere.
   * Called at most once.
   *
   * A message may get lost. Nothing is told twice, and what is spent while the others cannot be reached is not told at all.
   */
  shareSpending(ledger: SpendingLedger): void;
}
