/** The nodes of a service that find and ask each other over NATS. */

import { Buffer } from "node:buffer";
import type { NatsLink } from "../../nats/link.ts";
import { presenceSubject } from "../../nats/subjects.ts";
import { Responder } from "./responder.ts";
import { Requester } from "./requester.ts";
import { eachAnswer } from "../each_answer.ts";
import { messageFailure } from "./message_failure.ts";
import { Membership } from "./membership.ts";
import { heartbeatSubject } from "./subjects.ts";
import { NatsBus } from "./nats_bus.ts";
import type { Member, NodeAnswer, Nodes, Question, QuestionHandlers, QuestionKind } from "../nodes.ts";
import type { SpendingLedger } from "../spending.ts";
import { LocalResponder } from "../local_responder.ts";
import { PresenceTable } from "./presence_table.ts";

export interface NatsNodesOptions {
  /** The unique name of this node: 1 to 64 letters, digits, `-` and `_`. */
  readonly node: string;
  /** The first token of all subjects. Nodes with the same stream form one service. */
  readonly stream: string;
  /** The number of connections that this node has. */
  connections(): number;
  /** The number of connections that this node accepts at most. */
  capacity(): number;
  /** The number of connections that a target may have on all nodes together. */
  readonly maxPerTarget: number;
  /** Milliseconds between two heartbeats, 1,000 by default. A node that misses three of them has left. */
  readonly beatMs?: number;
  /** Called with each error of a handler, and with each message that cannot be processed. */
  report(error: unknown): void;
}

/**
 * A node joins the others when it is constructed, knows them one round trip later, and leaves when it is closed. The
 * caller owns the link, and closes it afterwards.
 */
export class NatsNodes implements Nodes {
  readonly #options: NatsNodesOptions;
  readonly #local: LocalResponder;
  readonly #bus: NatsBus;
  readonly #membership: Membership;
  readonly #presence: PresenceTable;
  readonly #requester: Requester;
  readonly #responder: Responder;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #linkListener: Disposable;
  #ledger: SpendingLedger | undefined;

  constructor(link: NatsLink, options: NatsNodesOptions) {
    const { node, stream, report, beatMs = 1_000 } = options;
    const bus = this.#bus = new NatsBus(link, report);
    const local = this.#local = new LocalResponder(node, report);
    const isMember = (node: string) => this.#membership.has(node);
    this.#options = options;
    this.#membership = new Membership({
      self: () => this.#self(),
      send: (heartbeat) => bus.publish(heartbeatSubject(stream), heartbeat),
      takeSpent: () => this.#ledger?.takeSpent() ?? [],
      onSpent: (spending) => this.#ledger?.receive(spending, beatMs),
      onLeft: (node) => this.#requester.failAll(node),
    });
    this.#presence = new PresenceTable({
      ...options,
      publish: (target, message) => bus.publish(presenceSubject(stream, target), message),
      isConnected: () => bus.isUp,
      isMember,
    });
    this.#responder = new Responder({ node, stream, bus, local, isMember, report });
    const onNoResponder = (node: string) => this.#membership.remove(node);
    this.#requester = new Requester({ node, stream, bus, onNoResponder });
    bus.subscribe(heartbeatSubject(stream), { onMessage: (message) => this.#membership.receive(message) });
    this.#linkListener = link.addListener({ onUp: () => this.#join() });
    this.#timer = setInterval(() => this.#beat(), beatMs);
    this.#join();
  }

  async *ask<K extends QuestionKind>(
    question: Question<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<NodeAnswer<K>, void> {
    const others = this.#membership.others.map(({ node }) => node);
    const local = (signal: AbortSignal) => this.#local.answer(question, signal);
    yield* eachAnswer([local, ...this.#requester.prepare(question, others)], signal);
  }

  serve(handlers: QuestionHandlers): void {
    this.#local.serve(handlers);
  }

  members(): readonly Member[] {
    return [this.#self(), ...this.#membership.others];
  }

  announce(target: string, connections: number): void {
    this.#presence.announce(target, connections);
  }

  connectionsElsewhere(target: string): number {
    return this.#presence.connectionsElsewhere(target);
  }

  shareSpending(ledger: SpendingLedger): void {
    ledger.takeSpent(); // from now on, it counts
    this.#ledger = ledger;
  }

  /**
   * Receives a message from the presence subject of a target. The journal subscribes to that subject together with
   * the target's notifications, for every target that has connections on this node.
   */
  receivePresence(target: string, data: Uint8Array): void {
    try {
      this.#presence.receive(target, JSON.parse(Buffer.from(data).toString()));
    } catch (cause) {
      this.#options.report(messageFailure("cannot process a presence message", cause));
    }
  }

  /** Leaves the other nodes, and ends all questions to and from them. This node still answers its own questions. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#linkListener[Symbol.dispose]();
    this.#membership.leave();
    this.#requester.close();
    this.#responder.close();
    await Promise.all([this.#presence.close(), this.#bus.close()]);
  }

  #self(): Member {
    const { node } = this.#options;
    return { node, connections: this.#options.connections(), capacity: this.#options.capacity() };
  }

  #join(): void {
    this.#membership.join();
    this.#presence.announceAll();
  }

  #beat(): void {
    for (const part of [this.#membership, this.#requester, this.#responder, this.#presence, this.#bus]) {
      part.beat();
    }
  }
}
