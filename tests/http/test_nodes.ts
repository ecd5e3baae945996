/** A stub of the nodes port: answers each kind of question as a test says, and records the questions. */

import type { Member, NodeAnswer, Nodes, Question, QuestionKind } from "../../src/cluster/nodes.ts";

/** The answers of all nodes to each kind of question. */
export type StubbedAnswers = {
  readonly [K in QuestionKind]?: (
    question: Question<K>,
  ) => readonly NodeAnswer<K>[] | Promise<readonly NodeAnswer<K>[]>;
};

export class TestNodes implements Nodes {
  readonly asked: unknown[] = [];
  readonly #answers: StubbedAnswers;

  constructor(answers: StubbedAnswers) {
    this.#answers = answers;
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
    yield* await Promise.race([aborted, this.#answers[kind]?.(question) ?? []]);
  }

  serve(): void {}

  members(): readonly Member[] {
    return [];
  }

  announce(): void {}

  connectionsElsewhere(): number {
    return 0;
  }

  shareSpending(): void {}
}
