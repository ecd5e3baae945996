/** Asking: this node's questions to others, until each is answered, or will not be. */

import { createInbox } from "@nats-io/nats-core";
import type { Ask } from "../each_answer.ts";
import { MAX_MISSED } from "./membership.ts";
import { InProgress, parseAnswer } from "./messages.ts";
import { asked, parseReplySubject, WORKING } from "./subjects.ts";
import { encoded, type NatsBus } from "./nats_bus.ts";
import type { NodeAnswer, Question, QuestionKind } from "../nodes.ts";

export interface RequesterDeps {
  readonly node: string;
  readonly stream: string;
  readonly talk: Pick<NatsBus, "isUp" | "hear" | "say" | "send">;
  /** Told of a node that is not there to be asked. */
  gone(node: string): void;
}

/** A question to one node, and how many beats ago that node said that it is answering it. */
interface OpenRequest {
  readonly node: string;
  missed: number;
  /** Ends it with what was answered; with undefined, if there is nobody to answer. Throws if it can't be read. */
  end(said: unknown): void;
}

/**
 * NATS may lose a question or an answer, and nobody would be told. So a node says every beat which questions it is
 * answering: one that is not among them for some beats is answered no more.
 */
export class Requester {
  readonly #deps: RequesterDeps;
  readonly #open = new Map<string, OpenRequest>();
  readonly #inbox = createInbox();
  #last = 0;

  constructor(deps: RequesterDeps) {
    this.#deps = deps;
    deps.talk.hear(`${this.#inbox}.*`, {
      take: (said, { subject }) => this.#hear(said, parseReplySubject(subject).number),
      nobody: (subject) => this.#hearNobody(parseReplySubject(subject).number),
    });
  }

  /** How many questions to a node are not answered yet. */
  get open(): number {
    return this.#open.size;
  }

  /** A way to ask each of these nodes. */
  asks<K extends QuestionKind>(question: Question<K>, nodes: readonly string[]): Ask<NodeAnswer<K>>[] {
    if (nodes.length === 0) return [];
    const kind: K = question.kind;
    const data = encoded({ node: this.#deps.node, question });
    return nodes.map((node) => (signal) => this.#ask({ node, kind, data }, signal));
  }

  beat(): void {
    for (const [number, open] of this.#open) {
      if (++open.missed >= MAX_MISSED) this.#fail(number, "did not answer");
    }
  }

  /** This node will not answer any more. */
  lost(node: string): void {
    for (const [number, open] of this.#open) {
      if (open.node === node) this.#fail(number, "did not answer");
    }
  }

  close(): void {
    for (const number of this.#open.keys()) this.#fail(number, "was not waited for");
  }

  #ask<K extends QuestionKind>(
    { node, kind, data }: { node: string; kind: K; data: Uint8Array },
    signal: AbortSignal,
  ): Promise<NodeAnswer<K> | null> {
    const { stream, talk } = this.#deps;
    if (!talk.isUp) return Promise.resolve({ node, failed: "cannot be reached" });
    const { promise, resolve } = Promise.withResolvers<NodeAnswer<K> | null>();
    const number = String(++this.#last);
    const end = (said: unknown) => resolve(said === undefined ? null : parseAnswer(said, { node, kind }));
    this.#open.set(number, { node, missed: 0, end });
    signal.addEventListener("abort", () => this.#leave(number));
    try {
      talk.send(asked(stream, node), { data, reply: `${this.#inbox}.${number}` });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail(number, error.message);
    }
    return promise;
  }

  #hear(said: unknown, number: string): void {
    if (number === WORKING) return this.#confirm(InProgress.parse(said));
    const open = this.#open.get(number);
    if (open === undefined) return; // nobody waits for it any more
    try {
      open.end(said);
      this.#open.delete(number);
    } catch (error) {
      this.#fail(number, "gave an answer that cannot be read");
      throw error;
    }
  }

  #hearNobody(number: string): void {
    const open = this.#open.get(number);
    if (open === undefined) return;
    this.#open.delete(number);
    open.end(undefined);
    this.#deps.gone(open.node);
  }

  #confirm({ node, working }: InProgress): void {
    for (const number of working) {
      const open = this.#open.get(number);
      if (open === undefined) this.#tellEnough(node, number);
      else if (open.node === node) open.missed = 0;
    }
  }

  #fail(number: string, failed: string): void {
    this.#open.get(number)?.end({ failed });
    this.#leave(number);
  }

  #leave(number: string): void {
    const open = this.#open.get(number);
    this.#open.delete(number);
    if (open !== undefined) this.#tellEnough(open.node, number);
  }

  #tellEnough(node: string, number: string): void {
    const { node: own, stream, talk } = this.#deps;
    talk.say(asked(stream, node), { node: own, enough: true }, `${this.#inbox}.${number}`);
  }
}
