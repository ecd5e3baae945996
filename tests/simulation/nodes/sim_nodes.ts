/** The nodes port over simulated links: several nodes that ask each other, and that tell each other their loads. */

import { eachAnswer } from "../../../src/cluster/each_answer.ts";
import { LocalResponder } from "../../../src/cluster/local_responder.ts";
import type {
  Member,
  NodeAnswer,
  Nodes,
  Question,
  QuestionHandlers,
  QuestionKind,
} from "../../../src/cluster/nodes.ts";
import type { Links } from "../network/links.ts";
import type { Process } from "../runtime/process.ts";
import type { World } from "../runtime/world.ts";

const HEARTBEAT_MS = 1_000;
const REQUEST_MS = 3_000;
const MAX_MISSED_BEATS = 3; // then a node is gone

/** What a node has heard of another one. */
interface HeardOf {
  readonly member: Member;
  /** Own heartbeats since. Time would not do: a node that was suspended would forget all others when it resumes. */
  missedBeats: number;
  readonly presence: ReadonlyMap<string, number>;
}

export interface SimNodesDeps {
  readonly process: Process;
  readonly links: Links;
  /** All nodes that run. */
  readonly all: Set<SimNodes>;
  load(): Omit<Member, "node">;
  report(error: unknown): void;
}

export class SimNodes implements Nodes {
  readonly #world: World;
  readonly #deps: SimNodesDeps;
  readonly #responder: LocalResponder;
  readonly #own = new Map<string, number>(); // connections by target
  readonly #heard = new Map<string, HeardOf>();
  /** The questions that this node is answering, each with the name of the node that asked. */
  readonly #answering = new Map<AbortController, string>();

  constructor(world: World, deps: SimNodesDeps) {
    this.#world = world;
    this.#deps = deps;
    this.#responder = new LocalResponder(deps.process.name, (error) => deps.report(error));
    deps.all.add(this);
    this.#beat();
  }

  ask<K extends QuestionKind>(
    question: Question<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<NodeAnswer<K>, void> {
    const others = this.#others().filter(({ name }) => this.#heard.has(name));
    const asks = others.map((other) => (asking: AbortSignal) => this.#askOther(other, { question, asking }));
    return eachAnswer([(asking) => this.#responder.answer(question, asking), ...asks], signal);
  }

  serve(handlers: QuestionHandlers): void {
    this.#responder.serve(handlers);
  }

  members(): readonly Member[] {
    const own = { node: this.#deps.process.name, ...this.#deps.load() };
    return [own, ...[...this.#heard.values()].map(({ member }) => member)];
  }

  announce(target: string, connections: number): void {
    if (connections > 0) this.#own.set(target, connections);
    else this.#own.delete(target);
    this.#tellOthers();
  }

  connectionsElsewhere(target: string): number {
    return [...this.#heard.values()].reduce((sum, { presence }) => sum + (presence.get(target) ?? 0), 0);
  }

  /** No publisher of the simulation has a key with a limit. */
  shareSpending(): void {}

  /** The connections by target that this node has announced. */
  get announced(): ReadonlyMap<string, number> {
    return this.#own;
  }

  close(): void {
    this.#deps.all.delete(this);
    for (const stop of this.#answering.keys()) stop.abort();
  }

  get name(): string {
    return this.#deps.process.name;
  }

  #others(): SimNodes[] {
    return [...this.#deps.all].filter((other) => other !== this);
  }

  #beat(): void {
    if (!this.#deps.all.has(this)) return;
    for (const [name, heard] of this.#heard) {
      if (++heard.missedBeats > MAX_MISSED_BEATS) this.#heard.delete(name);
    }
    for (const [stop, asker] of this.#answering) if (!this.#heard.has(asker)) stop.abort();
    this.#tellOthers();
    const event = { label: "heartbeat", process: this.#deps.process };
    this.#world.scheduler.after(HEARTBEAT_MS, event, () => this.#beat());
  }

  #tellOthers(): void {
    const member = { node: this.name, ...this.#deps.load() }, presence = new Map(this.#own);
    for (const other of this.#others()) {
      this.#send(
        other,
        "load",
        () => void other.#heard.set(this.name, { member, presence, missedBeats: 0 }),
      );
    }
  }

  #send(other: SimNodes, label: string, arrive: () => void): void {
    this.#deps.links.send(this.#deps.process, other.#deps.process, { label, arrive });
  }

  #askOther<K extends QuestionKind>(
    other: SimNodes,
    { question, asking }: { question: Question<K>; asking: AbortSignal },
  ): Promise<NodeAnswer<K>> {
    const { scheduler } = this.#world, { process } = this.#deps;
    const waitMs = REQUEST_MS + ("withinMs" in question ? question.withinMs : 0);
    return new Promise((resolve) => {
      const expire = () => resolve({ node: other.name, error: "did not answer" });
      const timeout = scheduler.after(waitMs, { label: `no answer from ${other.name}`, process }, expire);
      const stop = new AbortController();
      asking.addEventListener("abort", () => {
        timeout.isCancelled = true;
        this.#send(other, "needs no answer", () => stop.abort());
      });
      const reply = (answer: NodeAnswer<K>) =>
        other.#send(this, `answer to ${question.kind}`, () => {
          timeout.isCancelled = true;
          resolve(overTheWire(answer));
        });
      this.#send(
        other,
        question.kind,
        () => void other.#responder.answer(overTheWire(question), stop.signal).then(reply),
      );
    });
  }
}

/** Questions and answers travel as JSON. */
function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
