/** Nodes whose answers a test gives, one for each kind of question, and which notes what was asked. */

import type { Member, NodeAnswer, Nodes, Question, QuestionKind } from "../../src/cluster/nodes.ts";

/** What all nodes answer to a kind of question. It may take its time. */
export type Given = {
  readonly [K in QuestionKind]?: (
    question: Question<K>,
  ) => readonly NodeAnswer<K>[] | Promise<readonly NodeAnswer<K>[]>;
};

export class TestNodes implements Nodes {
  readonly asked: unknown[] = [];
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  async *ask<K extends QuestionKind>(
    question: Question<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<NodeAnswer<K>, void> {
    this.asked.push(question);
    const kind: K = question.kind;
    const aborted = new Promise<readonly NodeAnswer<K>[]>((resolve) => {
      signal?.addEventListener("abort", () => resolve([]));
      if (signal?.aborted) resolve([]);
    });
    yield* await Promise.race([aborted, this.#given[kind]?.(question) ?? []]);
  }

  serve(): void {}

  members(): readonly Member[] {
    return [];
  }

  announce(): void {}

  connectionsElsewhere(): number {
    return 0;
  }
}
