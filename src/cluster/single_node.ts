/** Alone: the nodes of a service that has only this one. */

import { eachAnswer } from "./each_answer.ts";
import type { Member, NodeAnswer, Nodes, Question, QuestionHandlers, QuestionKind } from "./nodes.ts";
import { LocalResponder } from "./local_responder.ts";

/** What a node that is alone is made of. */
export interface SingleNodeDeps {
  /** How many connections it has. */
  connections(): number;
  /** How many it may have. */
  capacity(): number;
  /** Told why it could not answer. */
  report(error: unknown): void;
}

/**
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const nodes = new SingleNode("here", { connections: () => 2, capacity: () => 100, report: console.error });
 * nodes.serve({
 *   connections: () => Promise.resolve([]),
 *   disconnect: ({ target }) => Promise.resolve(target === "alexander" ? 2 : 0),
 *   reports: ({ ids }) => Promise.resolve(ids.map(() => null)),
 *   acks: () => Promise.resolve(null),
 *   received: () => Promise.resolve("not here"),
 *   metrics: () => Promise.reject(new Error("nothing is measured here")),
 * });
 * const answers = await Array.fromAsync(nodes.ask({ kind: "disconnect", target: "alexander" }));
 * assertEquals(answers, [{ node: "here", given: 2 }]);
 * assertEquals(nodes.members(), [{ node: "here", connections: 2, capacity: 100 }]);
 * assertEquals(nodes.elsewhere("alexander"), 0);
 * ```
 */
export class SingleNode implements Nodes {
  readonly #node: string;
  readonly #deps: SingleNodeDeps;
  readonly #own: LocalResponder;

  /** @param node what it is called */
  constructor(node: string, deps: SingleNodeDeps) {
    this.#node = node;
    this.#deps = deps;
    this.#own = new LocalResponder(node, (error) => deps.report(error));
  }

  ask<K extends QuestionKind>(
    question: Question<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<NodeAnswer<K>, void> {
    return eachAnswer([(asking: AbortSignal) => this.#own.answer(question, asking)], signal);
  }

  serve(answers: QuestionHandlers): void {
    this.#own.serve(answers);
  }

  members(): readonly Member[] {
    return [{ node: this.#node, connections: this.#deps.connections(), capacity: this.#deps.capacity() }];
  }

  present(_target: string, _connections: number): void {}

  elsewhere(_target: string): number {
    return 0;
  }
}
