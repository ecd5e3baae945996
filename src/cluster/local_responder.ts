/** A node's own answers, whoever asks: itself, or another node. A failure is an answer too. */

import type { NodeAnswer, Question, QuestionHandlers, QuestionKind } from "./nodes.ts";

export class LocalResponder {
  readonly #node: string;
  readonly #report: (error: unknown) => void;
  #answers: QuestionHandlers | undefined;

  /** @param report told why a question could not be answered */
  constructor(node: string, report: (error: unknown) => void) {
    this.#node = node;
    this.#report = report;
  }

  serve(answers: QuestionHandlers): void {
    this.#answers = answers;
  }

  /** Never rejects. The signal aborts when nobody waits for the answer any more. */
  async answer<K extends QuestionKind>(question: Question<K>, signal: AbortSignal): Promise<NodeAnswer<K>> {
    if (this.#answers === undefined) return { node: this.#node, failed: "does not answer yet" };
    try {
      const kind: K = question.kind;
      return { node: this.#node, given: await this.#answers[kind](question, signal) };
    } catch (error) {
      this.#report(error);
      return { node: this.#node, failed: error instanceof Error ? error.message : String(error) };
    }
  }
}
