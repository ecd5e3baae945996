/** Sends this node's questions to other nodes, and waits until each of them is answered or cannot be answered. */

import { createInbox } from "@nats-io/nats-core";
import type { Ask } from "../each_answer.ts";
import { MAX_MISSED_BEATS } from "./membership.ts";
import { InProgress, parseAnswer } from "./messages.ts";
import { IN_PROGRESS, parseReplySubject, questionSubject } from "./subjects.ts";
import { encode, type NatsBus } from "./nats_bus.ts";
import type { NodeAnswer, Question, QuestionKind } from "../nodes.ts";

export interface RequesterDeps {
  readonly node: string;
  readonly stream: string;
  readonly bus: Pick<NatsBus, "isUp" | "subscribe" | "publish" | "publishEncoded">;
  /** Called if nobody receives the questions to a node. */
  onNoResponder(node: string): void;
}

/** A question to one node that is not answered yet. */
interface PendingRequest {
  readonly node: string;
  /** Heartbeats since the node last confirmed that it is answering. */
  missedBeats: number;
  /** Ends the request with an answer, or with undefined if the node does not exist. Throws if it cannot be parsed. */
  resolve(message: unknown): void;
}

/**
 * NATS may lose a question or an answer without an error. Every node therefore confirms once a heartbeat which
 * questions it is answering. A question that is not confirmed for several heartbeats fails.
 */
export class Requester {
  readonly #deps: RequesterDeps;
  readonly #pending = new Map<string, PendingRequest>(); // by the number of the question
  readonly #inbox = createInbox();
  #lastNumber = 0;

  constructor(deps: RequesterDeps) {
    this.#deps = deps;
    deps.bus.subscribe(`${this.#inbox}.*`, {
      onMessage: (message, { subject }) => this.#receive(message, parseReplySubject(subject).number),
      onNoResponders: (reply) => this.#receiveNoResponders(parseReplySubject(reply).number),
    });
  }

  /** The number of questions that are not answered yet, counted for each node. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Returns one function for each node, which asks that node the question. */
  prepare<K extends QuestionKind>(question: Question<K>, nodes: readonly string[]): Ask<NodeAnswer<K>>[] {
    if (nodes.length === 0) return [];
    const kind: K = question.kind;
    const data = encode({ node: this.#deps.node, question });
    return nodes.map((node) => (signal) => this.#ask({ node, kind, data }, signal));
  }

  beat(): void {
    for (const [number, request] of this.#pending) {
      if (++request.missedBeats >= MAX_MISSED_BEATS) this.#fail(number, "did not answer");
    }
  }

  /** Fails all questions to a node that has left. */
  failAll(node: string): void {
    for (const [number, request] of this.#pending) {
      if (request.node === node) this.#fail(number, "did not answer");
    }
  }

  close(): void {
    for (const number of this.#pending.keys()) this.#fail(number, "was not waited for");
  }

  #ask<K extends QuestionKind>(
    { node, kind, data }: { node: string; kind: K; data: Uint8Array },
    signal: AbortSignal,
  ): Promise<NodeAnswer<K> | null> {
    const { stream, bus } = this.#deps;
    if (!bus.isUp) return Promise.resolve({ node, error: "cannot be reached" });
    const { promise, resolve } = Promise.withResolvers<NodeAnswer<K> | null>();
    const number = String(++this.#lastNumber);
    this.#pending.set(number, {
      node,
      missedBeats: 0,
      resolve: (message) => resolve(message === undefined ? null : parseAnswer(message, { node, kind })),
    });
    signal.addEventListener("abort", () => this.#abandon(number));
    try {
      bus.publishEncoded(questionSubject(stream, node), { data, reply: `${this.#inbox}.${number}` });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail(number, error.message);
    }
    return promise;
  }

  #receive(message: unknown, number: string): void {
    if (number === IN_PROGRESS) return this.#receiveInProgress(InProgress.parse(message));
    const request = this.#pending.get(number);
    if (request === undefined) return; // nobody waits for this answer any more
    try {
      request.resolve(message);
      this.#pending.delete(number);
    } catch (error) {
      this.#fail(number, "gave an answer that cannot be read");
      throw error;
    }
  }

  #receiveNoResponders(number: string): void {
    const request = this.#pending.get(number);
    if (request === undefined) return;
    this.#pending.delete(number);
    request.resolve(undefined);
    this.#deps.onNoResponder(request.node);
  }

  #receiveInProgress({ node, numbers }: InProgress): void {
    for (const number of numbers) {
      const request = this.#pending.get(number);
      if (request === undefined) this.#cancel(node, number);
      else if (request.node === node) request.missedBeats = 0;
    }
  }

  #fail(number: string, error: string): void {
    this.#pending.get(number)?.resolve({ error });
    this.#abandon(number);
  }

  #abandon(number: string): void {
    const request = this.#pending.get(number);
    this.#pending.delete(number);
    if (request !== undefined) this.#cancel(request.node, number);
  }

  /** Tells the node that its answer is not needed any more. */
  #cancel(node: string, number: string): void {
    const { node: own, stream, bus } = this.#deps;
    bus.publish(questionSubject(stream, node), { node: own, cancel: true }, `${this.#inbox}.${number}`);
  }
}
