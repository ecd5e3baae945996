/** Alone: the nodes of a service that has only this one. */

import { until } from "../until.ts";
import type { Answer, Answers, Kind, Member, Nodes, Question } from "./nodes.ts";

/**
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const nodes = new Alone("here", { connections: () => 2, report: console.error });
 * nodes.serve({
 *   connections: () => Promise.resolve([]),
 *   disconnect: ({ target }) => Promise.resolve(target === "alexander" ? 2 : 0),
 *   reports: ({ ids }) => Promise.resolve(ids.map(() => null)),
 *   acks: () => Promise.resolve(null),
 * });
 * const answers = await Array.fromAsync(nodes.ask({ kind: "disconnect", target: "alexander" }));
 * assertEquals(answers, [{ node: "here", given: 2 }]);
 * assertEquals(nodes.members(), [{ node: "here", connections: 2 }]);
 * ```
 */
export class Alone implements Nodes {
  readonly #node: string;
  readonly #parts: { connections(): number; report(error: unknown): void };
  #answers: Answers | undefined;

  /** @param node what it is called */
  constructor(node: string, parts: { connections(): number; report(error: unknown): void }) {
    this.#node = node;
    this.#parts = parts;
  }

  async *ask<K extends Kind>(question: Question<K>, signal?: AbortSignal): AsyncGenerator<Answer<K>, void> {
    if (this.#answers === undefined || signal?.aborted) return;
    const asking = new AbortController();
    try {
      const answer = this.#answer(this.#answers, { question, signal: asking.signal });
      await until(answer, { signal });
      if (!signal?.aborted) yield await answer;
    } finally {
      asking.abort();
    }
  }

  serve(answers: Answers): void {
    this.#answers = answers;
  }

  members(): readonly Member[] {
    return [{ node: this.#node, connections: this.#parts.connections() }];
  }

  async #answer<K extends Kind>(
    answers: Answers,
    { question, signal }: { question: Question<K>; signal: AbortSignal },
  ): Promise<Answer<K>> {
    try {
      const kind: K = question.kind;
      return { node: this.#node, given: await answers[kind](question, signal) };
    } catch (error) {
      this.#parts.report(error);
      return { node: this.#node, failed: error instanceof Error ? error.message : String(error) };
    }
  }
}
