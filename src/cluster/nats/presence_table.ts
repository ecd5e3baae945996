/** Presences: how many connections a target has on which node, as far as those that have some tell each other. */

import { nextTurn } from "../../async/next_turn.ts";
import { MAX_MISSED } from "./membership.ts";
import { PresenceMessage } from "./messages.ts";

export interface PresenceTableDeps {
  readonly node: string;
  /** How many connections a target may have on all nodes: from there on, it is asked anew whether that is so. */
  readonly maxPerTarget: number;
  /** Tells the nodes that have connections of the target. */
  say(target: string, presence: PresenceMessage): void;
  /** False: nobody would hear it. */
  isHeard(): boolean;
  /** The counts of a node that is none do not count. */
  isMember(node: string): boolean;
}

/** What another node has said, in which beat of this one. */
interface ReportedCount {
  readonly connections: number;
  readonly beat: number;
}

/** A target with connections here, or whose last one has gone and nobody was told yet. */
interface LocalPresence {
  connections: number;
  /** When the others were last told: once a beat is enough. */
  toldIn: number;
  /** Whether the others are to be asked for theirs. */
  asks: boolean;
  /** By node; null until one says something, for most targets are on one node only. */
  others: Map<string, ReportedCount> | null;
}

const TOLD_A_TURN = 500; // of 100,000 targets, when all have to be told again

export class PresenceTable {
  readonly #deps: PresenceTableDeps;
  readonly #here = new Map<string, LocalPresence>();
  readonly #doubted = new Map<string, number>(); // since which beat
  #due = new Set<string>(); // targets of which the others are to be told at the next beat
  #beat = 0;
  #telling: Promise<void> | undefined;
  #closed = false;

  constructor(deps: PresenceTableDeps) {
    this.#deps = deps;
  }

  /** Targets that something is known of. */
  get size(): number {
    return this.#here.size;
  }

  present(target: string, connections: number): void {
    const here = this.#here.get(target) ?? { connections: 0, toldIn: -1, asks: true, others: null };
    if (here.connections === connections) return;
    here.connections = connections;
    this.#here.set(target, here);
    this.#tell(target, here);
  }

  elsewhere(target: string): number {
    const here = this.#here.get(target);
    if (!here?.others) return 0;
    let sum = 0;
    for (const [node, { connections }] of here.others) if (this.#deps.isMember(node)) sum += connections;
    if (sum > 0 && here.connections + sum >= this.#deps.maxPerTarget) this.#doubt(target, here);
    return sum;
  }

  /** Throws if this is nothing that a node says. */
  hear(target: string, said: unknown): void {
    const { node, connections, asks } = PresenceMessage.parse(said);
    const here = this.#here.get(target);
    if (here === undefined || node === this.#deps.node) return;
    if (connections === 0) here.others?.delete(node);
    else this.#note(here, { node, connections });
    if (asks) this.#tell(target, here);
  }

  beat(): void {
    this.#beat++;
    for (const [target, since] of this.#doubted) {
      if (this.#beat - since >= MAX_MISSED) this.#settle(target, since);
    }
    if (this.#deps.isHeard()) this.#tellDue();
  }

  /** Tells of all targets again, and asks for what was missed, after nothing could be heard for a while. */
  tellAll(): void {
    for (const here of this.#here.values()) here.asks = true;
    this.#due = new Set(this.#here.keys());
    this.#tellDue();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#telling;
  }

  /** At once, or at the next beat if that was done in this one. */
  #tell(target: string, here: LocalPresence): void {
    if (here.toldIn === this.#beat || !this.#deps.isHeard()) this.#due.add(target);
    else this.#say(target, here);
  }

  #tellDue(): void {
    if (this.#telling !== undefined) return;
    const due = this.#due;
    this.#due = new Set();
    this.#tellSome(due.values());
  }

  /** As many as a turn allows now, and the others in the turns after it. */
  #tellSome(due: Iterator<string>): void {
    this.#telling = undefined;
    for (let left = TOLD_A_TURN; left > 0; left--) {
      const { done, value: target } = due.next();
      if (done || this.#closed || !this.#deps.isHeard()) return;
      const here = this.#here.get(target);
      if (here !== undefined) this.#say(target, here);
    }
    this.#telling = nextTurn().then(() => this.#tellSome(due));
  }

  #say(target: string, here: LocalPresence): void {
    const { connections, asks } = here;
    this.#deps.say(target, { node: this.#deps.node, connections, asks });
    here.toldIn = this.#beat;
    here.asks = false;
    if (connections > 0) return;
    this.#here.delete(target);
    this.#doubted.delete(target);
  }

  #note(here: LocalPresence, { node, connections }: { node: string; connections: number }): void {
    here.others ??= new Map();
    if (!here.others.has(node)) {
      for (const other of here.others.keys()) if (!this.#deps.isMember(other)) here.others.delete(other);
    }
    here.others.set(node, { connections, beat: this.#beat });
  }

  /** The target is full by what is known: what the others have said may not be so any more. */
  #doubt(target: string, here: LocalPresence): void {
    if (!this.#doubted.has(target)) this.#doubted.set(target, this.#beat);
    here.asks = true;
    this.#tell(target, here);
  }

  /** What was not said again does not count. */
  #settle(target: string, since: number): void {
    this.#doubted.delete(target);
    const others = this.#here.get(target)?.others;
    for (const [node, { beat }] of others ?? []) if (beat < since) others?.delete(node);
  }
}
