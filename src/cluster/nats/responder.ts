/** Answers the questions that other nodes send to this one. */

import { MAX_MISSED_BEATS } from "./membership.ts";
import { QuestionMessage } from "./messages.ts";
import { IN_PROGRESS, parseReplySubject, questionSubject } from "./subjects.ts";
import type { NatsBus } from "./nats_bus.ts";
import type { Question } from "../nodes.ts";
import type { LocalResponder } from "../local_responder.ts";

export interface ResponderDeps {
  readonly node: string;
  readonly stream: string;
  readonly bus: Pick<NatsBus, "subscribe" | "publish">;
  readonly local: LocalResponder;
  isMember(node: string): boolean;
  /** Called if an answer cannot be sent. */
  report(error: unknown): void;
}

/** A question that this node is answering. */
interface OpenQuestion {
  readonly asker: string;
  readonly cancellation: AbortController;
  /** Heartbeats since the asker was last a member. */
  missedBeats: number;
}

const MAX_OPEN = 16_384;

export class Responder {
  readonly #deps: ResponderDeps;
  readonly #open = new Map<string, OpenQuestion>(); // by reply subject

  constructor(deps: ResponderDeps) {
    this.#deps = deps;
    const { node, stream, bus } = deps;
    bus.subscribe(questionSubject(stream, node), {
      onMessage: (message, { reply }) => this.#receive(message, reply),
    });
  }

  /** Confirms to each asker which of its questions are being answered, and drops the questions of nodes that left. */
  beat(): void {
    const { node, bus } = this.#deps;
    const inProgress = new Map<string, string[]>();
    for (const [reply, question] of this.#open) {
      question.missedBeats = this.#deps.isMember(question.asker) ? 0 : question.missedBeats + 1;
      if (question.missedBeats >= MAX_MISSED_BEATS) {
        this.#drop(reply);
        continue;
      }
      const { inbox, number } = parseReplySubject(reply);
      inProgress.getOrInsertComputed(inbox, () => []).push(number);
    }
    for (const [inbox, numbers] of inProgress) bus.publish(`${inbox}.${IN_PROGRESS}`, { node, numbers });
  }

  close(): void {
    for (const reply of this.#open.keys()) this.#drop(reply);
  }

  /** Answers an unknown question as well, so that a node with another version of Tidings does not wait in vain. */
  #receive(message: unknown, reply: string): void {
    const { success, data, error } = QuestionMessage.safeParse(message);
    if (!success) {
      if (reply !== "") this.#deps.bus.publish(reply, { error: "does not understand the question" });
      throw error;
    }
    if ("cancel" in data) return this.#drop(reply);
    const { node: asker, question } = data;
    if (reply === "") throw new Error("a question has no reply subject");
    if (this.#open.size >= MAX_OPEN) {
      return this.#deps.bus.publish(reply, { error: "is answering too many questions" });
    }
    this.#answer(question, { asker, reply }).catch((error) => this.#deps.report(error));
  }

  async #answer(question: Question, { asker, reply }: { asker: string; reply: string }): Promise<void> {
    const { local, bus } = this.#deps;
    const open: OpenQuestion = { asker, cancellation: new AbortController(), missedBeats: 0 };
    this.#open.set(reply, open);
    const { node: _, ...answer } = await local.answer(question, open.cancellation.signal);
    if (this.#open.get(reply) !== open) return; // nobody waits for the answer any more
    this.#open.delete(reply);
    try {
      bus.publish(reply, answer);
    } catch (error) {
      bus.publish(reply, { error: "gave an answer that is too large" });
      throw error;
    }
  }

  #drop(reply: string): void {
    this.#open.get(reply)?.cancellation.abort();
    this.#open.delete(reply);
  }
}
