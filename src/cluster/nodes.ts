/** The nodes port: what is asked of all nodes of the service, and what each of them answers for itself. */

import type { TransportKind } from "../hub/connection.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { BrowserMessage } from "../wire/protocol.ts";
import type { AwaitedNotification, Report } from "../reports/report.ts";

/** A connection, as the node that has it sees it. */
export interface ConnectionInfo {
  readonly id: string;
  readonly transport: TransportKind;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly behind: boolean;
}

/** Why a connection took nothing of what its browser posted: the problem that the browser is to be answered with. */
export interface ReceiveRefusal {
  readonly kind: "too-many-requests" | "unavailable";
  readonly detail: string;
  /** When it may come again. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of what a browser posted for a connection, on one node. */
export type ReceiveOutcome = "not here" | "taken" | ReceiveRefusal;

/** Of each kind of question, what is asked and what a node answers. Values of JSON, for they may have to travel. */
export interface QuestionKinds {
  /** Which connections does the target have? */
  readonly connections: { asked: { readonly target: string }; answer: readonly ConnectionInfo[] };
  /** Close the connections of the target: how many were they? Answered when they are forgotten. */
  readonly disconnect: { asked: { readonly target: string }; answer: number };
  /** What is known of these notifications? In their order; null: nothing, or nothing any more. */
  readonly reports: { asked: { readonly ids: readonly string[] }; answer: readonly (Report | null)[] };
  /** When has everyone who is there got these notifications and acked them, or left? Answered then, or in time. */
  readonly acks: {
    asked: { readonly notifications: readonly AwaitedNotification[]; readonly withinMs: number };
    answer: null;
  };
  /** Have you got this connection of the target? Then take all of these messages, or none. */
  readonly received: {
    asked: {
      readonly target: string;
      readonly connection: string;
      readonly messages: readonly BrowserMessage[];
    };
    answer: ReceiveOutcome;
  };
  /** How are you, and what have you done since your start? */
  readonly metrics: { asked: Readonly<Record<never, never>>; answer: Metrics };
}
export type QuestionKind = keyof QuestionKinds;

export type Question<K extends QuestionKind = QuestionKind> = {
  [One in K]: { readonly kind: One } & QuestionKinds[One]["asked"];
}[K];

/** What a node gave, or why it could not. */
export type NodeAnswer<K extends QuestionKind = QuestionKind> =
  | { readonly node: string; readonly given: QuestionKinds[K]["answer"] }
  | { readonly node: string; readonly failed: string };

/** How a node answers each kind of question. The signal aborts when nobody waits for the answer any more. */
export type QuestionHandlers = {
  readonly [K in QuestionKind]: (
    question: Question<K>,
    signal: AbortSignal,
  ) => Promise<QuestionKinds[K]["answer"]>;
};

/** A node that is there. */
export interface Member {
  readonly node: string;
  /** Its load: connections that it has. */
  readonly connections: number;
  /** How many it may have at most. */
  readonly capacity: number;
}

/**
 * The contract, which `tests/contracts/nodes.ts` holds every adapter to. Called by the routes: `ask` once or a few
 * times a request, by some requests only. Called by admission: `present` at each connection that comes or goes, and
 * `elsewhere` before each that wants to come.
 */
export interface Nodes {
  /**
   * Asks every node, this one too, and gives each answer as it comes. A node that fails, or is gone, is a failure
   * among the answers, or gives none; it keeps nobody waiting for ever. Ends when all have answered, when the asker
   * stops iterating, and at once, without an error, when the signal aborts. Nothing is asked before iteration.
   */
  ask<K extends QuestionKind>(question: Question<K>, signal?: AbortSignal): AsyncIterable<NodeAnswer<K>>;

  /** From now on, this node answers like this. Called once; until then, its answer to everything is a failure. */
  serve(answers: QuestionHandlers): void;

  /** The nodes that are there, this one first, as far as it knows. */
  members(): readonly Member[];

  /** This node now has so many connections of the target, which is told to the others that have some within a beat. */
  present(target: string, connections: number): void;

  /**
   * How many connections the target has on the other nodes, as far as this node knows. It knows within two beats of
   * the target's first connection here, and 0 is all it knows when the last has been gone for a beat. It never waits.
   * If something was lost, a number that nobody confirms does not count for long once it is in a connection's way.
   */
  elsewhere(target: string): number;
}
