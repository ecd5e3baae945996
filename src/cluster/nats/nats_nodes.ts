/** Nodes that know and ask each other over NATS. */

import { Buffer } from "node:buffer";
import type { NatsLink } from "../../nats/link.ts";
import { presenceSubject } from "../../nats/subjects.ts";
import { Responder } from "./responder.ts";
import { Requester } from "./requester.ts";
import { eachAnswer } from "../each_answer.ts";
import { Membership } from "./membership.ts";
import { beats } from "./subjects.ts";
import { NatsBus } from "./nats_bus.ts";
import type { Member, NodeAnswer, Nodes, Question, QuestionHandlers, QuestionKind } from "../nodes.ts";
import { LocalResponder } from "../local_responder.ts";
import { PresenceTable } from "./presence_table.ts";

export interface NatsNodesOptions {
  /** What this node is called, and no other: 1 to 64 letters, digits, `-` and `_`. */
  readonly node: string;
  /** The first token of all subjects. */
  readonly stream: string;
  /** How many connections this node has. */
  connections(): number;
  /** How many it may have. */
  capacity(): number;
  /** How many a target may have, on all nodes. */
  readonly maxPerTarget: number;
  /** How often nodes tell each other that they are there. Who is not heard for three times as long is gone. */
  readonly beatMs?: number;
  /** Told what nobody asked for, and why this node could not answer. */
  report(error: unknown): void;
}

/**
 * A node among others with the same stream. It is one of them from its construction on, knows them a round trip
 * later, and is none any more once it is closed. The link stays the caller's, who closes it after this.
 */
export class NatsNodes implements Nodes {
  readonly #options: NatsNodesOptions;
  readonly #own: LocalResponder;
  readonly #talk: NatsBus;
  readonly #membership: Membership;
  readonly #presences: PresenceTable;
  readonly #asking: Requester;
  readonly #answering: Responder;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #telling: Disposable;

  constructor(link: NatsLink, options: NatsNodesOptions) {
    const { node, stream, report, beatMs = 1_000 } = options;
    const talk = this.#talk = new NatsBus(link, report);
    const own = this.#own = new LocalResponder(node, report);
    const isMember = (node: string) => this.#membership.has(node);
    this.#options = options;
    this.#membership = new Membership({
      own: () => this.#member(),
      say: (beat) => talk.say(beats(stream), beat),
      lost: (node) => this.#asking.lost(node),
    });
    this.#presences = new PresenceTable({
      ...options,
      say: (target, said) => talk.say(presenceSubject(stream, target), said),
      isHeard: () => talk.isUp,
      isMember,
    });
    this.#answering = new Responder({ node, stream, talk, own, isMember, report });
    this.#asking = new Requester({ node, stream, talk, gone: (node) => this.#membership.lose(node) });
    talk.hear(beats(stream), { take: (said) => this.#membership.hear(said) });
    this.#telling = link.addListener({ onUp: () => this.#announce() });
    this.#timer = setInterval(() => this.#beat(), beatMs);
    this.#announce();
  }

  async *ask<K extends QuestionKind>(
    question: Question<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<NodeAnswer<K>, void> {
    const others = this.#membership.others.map(({ node }) => node);
    const own = (signal: AbortSignal) => this.#own.answer(question, signal);
    yield* eachAnswer([own, ...this.#asking.asks(question, others)], signal);
  }

  serve(answers: QuestionHandlers): void {
    this.#own.serve(answers);
  }

  members(): readonly Member[] {
    return [this.#member(), ...this.#membership.others];
  }

  present(target: string, connections: number): void {
    this.#presences.present(target, connections);
  }

  elsewhere(target: string): number {
    return this.#presences.elsewhere(target);
  }

  /** Takes what came on the presence subject of a target that has connections here: who follows it hears that too. */
  heard(target: string, data: Uint8Array): void {
    try {
      this.#presences.hear(target, JSON.parse(Buffer.from(data).toString()));
    } catch (cause) {
      this.#options.report(new Error(`what is said of ${target} cannot be taken`, { cause }));
    }
  }

  /** Says that this node is gone. Ends what is asked and answered, but for what this node asks itself. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#telling[Symbol.dispose]();
    this.#membership.leave();
    this.#asking.close();
    this.#answering.close();
    await Promise.all([this.#presences.close(), this.#talk.close()]);
  }

  #member(): Member {
    const { node } = this.#options;
    return { node, connections: this.#options.connections(), capacity: this.#options.capacity() };
  }

  #announce(): void {
    this.#membership.come();
    this.#presences.tellAll();
  }

  #beat(): void {
    for (const part of [this.#membership, this.#asking, this.#answering, this.#presences, this.#talk]) {
      part.beat();
    }
  }
}
