/** The nodes port among the isolates of one process, which lose no message and share a clock. */

import { eachAnswer } from "../cluster/each_answer.ts";
import { LocalResponder } from "../cluster/local_responder.ts";
import type {
  Member,
  NodeAnswer,
  Nodes,
  Question,
  QuestionHandlers,
  QuestionKind,
} from "../cluster/nodes.ts";
import type { SpendingLedger } from "../cluster/spending.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { IsolateMessage, Said } from "./said.ts";

export interface IsolateNodesOptions {
  readonly isolate: number;
  /** The name of this isolate in answers. */
  readonly node: string;
  /** The number of connections that this isolate has, and that it accepts at most. */
  connections(): number;
  capacity(): number;
  readonly beatMs: number;
  send(said: Said): void;
  readonly elsewhere: Elsewhere;
  /** Called with each error of a handler. */
  report(error: unknown): void;
}

interface PendingQuestion {
  readonly isolate: number;
  readonly node: string;
  resolve(answer: NodeAnswer): void;
}

export class IsolateNodes implements Nodes {
  readonly #options: IsolateNodesOptions;
  readonly #local: LocalResponder;
  readonly #others = new Map<number, Member>();
  readonly #pending = new Map<number, PendingQuestion>();
  /** What this isolate is answering, by isolate and number. */
  readonly #answering = new Map<string, AbortController>();
  readonly #timer: ReturnType<typeof setInterval>;
  #number = 0;
  #told: Member;
  #ledger: SpendingLedger | undefined;

  constructor(options: IsolateNodesOptions) {
    this.#options = options;
    this.#local = new LocalResponder(options.node, (error) => options.report(error));
    this.#told = this.#self();
    this.#send(null, { kind: "load", member: this.#told, wantsReply: true });
    this.#timer = setInterval(() => this.#beat(), options.beatMs);
  }

  async *ask<K extends QuestionKind>(
    question: Question<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<NodeAnswer<K>, void> {
    const local = (signal: AbortSignal) => this.#local.answer(question, signal);
    const others = [...this.#others].map(([isolate, { node }]) => (signal: AbortSignal) =>
      this.#ask({ isolate, node, question }, signal)
    );
    yield* eachAnswer<NodeAnswer<K>>([local, ...others], signal);
  }

  serve(handlers: QuestionHandlers): void {
    this.#local.serve(handlers);
  }

  members(): readonly Member[] {
    return [this.#self(), ...this.#others.values()];
  }

  announce(target: string, connections: number): number | Promise<number> {
    return this.#options.elsewhere.announce(target, connections);
  }

  connectionsElsewhere(target: string): number {
    return this.#options.elsewhere.of(target);
  }

  shareSpending(ledger: SpendingLedger): void {
    ledger.takeSpent(); // from now on, it counts
    this.#ledger = ledger;
  }

  /** Called with what another isolate has said. */
  receive({ from, message }: Said): void {
    switch (message.kind) {
      case "load":
        this.#others.set(from, message.member);
        if (message.wantsReply) this.#send(from, { kind: "load", member: this.#told, wantsReply: false });
        return;
      case "left":
        return this.#forget(message.isolate);
      case "ask":
        return void this.#answer(from, message);
      case "cancel":
        return this.#answering.get(`${from} ${message.number}`)?.abort();
      case "answer":
        return this.#take(message.number)?.resolve(message.answer);
      case "spent":
        return this.#ledger?.receive(message.spending, this.#options.beatMs);
      default:
        return message satisfies never;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const isolate of [...this.#others.keys()]) this.#forget(isolate);
    for (const answering of this.#answering.values()) answering.abort();
  }

  #self(): Member {
    const { node } = this.#options;
    return { node, connections: this.#options.connections(), capacity: this.#options.capacity() };
  }

  #send(to: number | null, message: IsolateMessage): void {
    this.#options.send({ from: this.#options.isolate, to, message });
  }

  /** Says only what has changed, so that isolates without work do not wake each other. */
  #beat(): void {
    const self = this.#self(), spending = this.#ledger?.takeSpent() ?? [];
    if (self.connections !== this.#told.connections || self.capacity !== this.#told.capacity) {
      this.#told = self;
      this.#send(null, { kind: "load", member: self, wantsReply: false });
    }
    if (spending.length > 0) this.#send(null, { kind: "spent", spending });
  }

  #ask<K extends QuestionKind>(
    { isolate, node, question }: { isolate: number; node: string; question: Question<K> },
    signal: AbortSignal,
  ): Promise<NodeAnswer<K>> {
    const { promise, resolve } = Promise.withResolvers<NodeAnswer<K>>(), number = ++this.#number;
    // An answer is of the kind of its question, which its number stands for.
    this.#pending.set(number, { isolate, node, resolve: (answer) => resolve(answer as NodeAnswer<K>) });
    signal.addEventListener("abort", () => {
      if (this.#take(number) !== undefined) this.#send(isolate, { kind: "cancel", number });
    });
    this.#send(isolate, { kind: "ask", number, question: question as Question });
    return promise;
  }

  async #answer(from: number, { number, question }: Extract<IsolateMessage, { kind: "ask" }>): Promise<void> {
    const key = `${from} ${number}`, cancellation = new AbortController();
    this.#answering.set(key, cancellation);
    const answer = await this.#local.answer(question, cancellation.signal);
    this.#answering.delete(key);
    if (!cancellation.signal.aborted) this.#send(from, { kind: "answer", number, answer });
  }

  #take(number: number): PendingQuestion | undefined {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    return pending;
  }

  /** An isolate that has gone answers nothing any more, and waits for nothing. */
  #forget(isolate: number): void {
    this.#others.delete(isolate);
    for (const [number, pending] of this.#pending) {
      if (pending.isolate !== isolate) continue;
      this.#take(number)?.resolve({ node: pending.node, error: "did not answer" });
    }
    for (const [key, answering] of this.#answering) if (key.startsWith(`${isolate} `)) answering.abort();
  }
}
