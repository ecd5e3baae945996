/** The nodes of a service that has only this one. */

import { eachAnswer } from "./each_answer.ts";
import type { Member, NodeAnswer, Nodes, Question, QuestionHandlers, QuestionKind } from "./nodes.ts";
import type { SpendingLedger } from "./spending.ts";
import { LocalResponder } from "./local_responder.ts";

export interface SingleNodeDeps {
  /** The number of connections that this node has. */
  connections(): number;
  /** The number of connections that this node accepts at most. */
  capacity(): number;
  /** Called with each error of a handler. */
  report(error: unknown): void;
}

/**
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const nodes = new SingleNode("n1", { connections: () => 2, capacity: () => 100, report: console.error });
 * nodes.serve({
 *   connections: () => Promise.resolve([]),
 *   seen: () => Promise.resolve(null),
 *   targets: () => Promise.resolve([]),
 *   disconnect: ({ target }) => Promise.resolve(target === "alexander" ? 2 : 0),
 *   erase: () => Promise.resolve(null),
 *   reports: ({ ids }) => Promise.resolve(ids.map(() => null)),
 *   acks: () => Promise.resolve(null),
 *   receive: () => Promise.resolve("not-found"),
 *   metrics: () => Promise.reject(new Error("this example has no metrics")),
 * });
 * const answers = await Array.fromAsync(nodes.ask({ kind: "disconnect", target: "alexander" }));
 * assertEquals(answers, [{ node: "n1", value: 2 }]);
 * assertEquals(nodes.members(), [{ node: "n1", connections: 2, capacity: 100 }]);
 * assertEquals(nodes.connectionsElsewhere("alexander"), 0);
 * ```
 */
export class SingleNode implements Nodes {
  readonly #node: string;
  readonly #deps: SingleNodeDeps;
  readonly #responder: LocalResponder;

  /** @param node the name of this node in answers */
  constructor(node: string, deps: SingleNodeDeps) {
    this.#node = node;
    this.#deps = deps;
    this.#responder = new LocalResponder(node, (error) => deps.report(error));
  }

  ask<K extends QuestionKind>(
    question: Question<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<NodeAnswer<K>, void> {
    return eachAnswer([(asking: AbortSignal) => this.#responder.answer(question, asking)], signal);
  }

  serve(handlers: QuestionHandlers): void {
    this.#responder.serve(handlers);
  }

  members(): readonly Member[] {
    return [{ node: this.#node, connections: this.#deps.connections(), capacity: this.#deps.capacity() }];
  }

  announce(_target: string, _connections: number): void {}

  connectionsElsewhere(_target: string): number {
    return 0;
  }

  shareSpending(_ledger: SpendingLedger): void {}
}
