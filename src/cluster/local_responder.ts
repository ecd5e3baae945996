/** Answers questions on this node, for the node itself and for other nodes, and turns a failure into an answer. */

import { messageOf } from "../wire/error_message.ts";
import type { NodeAnswer, Question, QuestionHandlers, QuestionKind } from "./nodes.ts";

export class LocalResponder {
  readonly #node: string;
  readonly #report: (error: unknown) => void;
  #handlers: QuestionHandlers | undefined;

  /** @param report called with each error of a handler */
  constructor(node: string, report: (error: unknown) => void) {
    this.#node = node;
    this.#report = report;
  }

  serve(handlers: QuestionHandlers): void {
    this.#handlers = handlers;
  }

  /** Never rejects. The signal aborts when nobody waits for the answer any more. */
  async answer<K extends QuestionKind>(question: Question<K>, signal: AbortSignal): Promise<NodeAnswer<K>> {
    if (this.#handlers === undefined) return { node: this.#node, error: "does not answer yet" };
    try {
      const kind: K = question.kind;
      return { node: this.#node, value: await this.#handlers[kind](question, signal) };
    } catch (error) {
      this.#report(error);
      return { node: this.#node, error: messageOf(error) };
    }
  }
}
