/** A node's own answers, whoever asks: itself, or another node. A failure is an answer too. */

import type { Answer, Answers, Kind, Question } from "./nodes.ts";

export class OwnAnswers {
  readonly #node: string;
  readonly #report: (error: unknown) => void;
  #answers: Answers | undefined;

  /** @param report told why a question could not be answered */
  constructor(node: string, report: (error: unknown) => void) {
    this.#node = node;
    this.#report = report;
  }

  serve(answers: Answers): void {
    this.#answers = answers;
  }

  /** Never rejects. The signal aborts when nobody waits for the answer any more. */
  async answer<K extends Kind>(question: Question<K>, signal: AbortSignal): Promise<Answer<K>> {
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
