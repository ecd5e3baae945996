/** Presence table: how many connections each local target has on every node, as the nodes tell each other. */

import { nextTurn } from "../../async/next_turn.ts";
import { MAX_MISSED_BEATS } from "./membership.ts";
import { PresenceMessage } from "./messages.ts";

export interface PresenceTableDeps {
  readonly node: string;
  /** The connections that a target may have on all nodes. At this limit, the table asks the other nodes again. */
  readonly maxPerTarget: number;
  /** Sends a message to the nodes that have connections of the target. */
  publish(target: string, presence: PresenceMessage): void;
  /** False while published messages are lost. */
  isConnected(): boolean;
  /** The table ignores the counts of nodes that are no members. */
  isMember(node: string): boolean;
}

/** The count that another node has sent, and this node's heartbeat in which it arrived. */
interface RemoteCount {
  readonly connections: number;
  readonly beat: number;
}

/** A target that has connections on this node, or whose last connection has closed and was not announced yet. */
interface LocalPresence {
  connections: number;
  /** The heartbeat of the last announcement. There is at most one in each heartbeat. */
  announcedAt: number;
  /** True if the next announcement asks the other nodes for their counts. */
  wantsReply: boolean;
  /** By node. Null until another node sends a count, because most targets have connections on one node only. */
  others: Map<string, RemoteCount> | null;
}

/** Announcing 100,000 targets after a reconnect would block the event loop. */
const MAX_ANNOUNCED_PER_TURN = 500;

export class PresenceTable {
  readonly #deps: PresenceTableDeps;
  readonly #local = new Map<string, LocalPresence>();
  readonly #unconfirmed = new Map<string, number>(); // targets whose remote counts are in doubt, since which beat
  #due = new Set<string>(); // targets to announce at the next heartbeat
  #beat = 0;
  #announcing: Promise<void> | undefined;
  #closed = false;

  constructor(deps: PresenceTableDeps) {
    this.#deps = deps;
  }

  /** The number of targets in the table. */
  get size(): number {
    return this.#local.size;
  }

  announce(target: string, connections: number): void {
    const local = this.#local.get(target) ??
      { connections: 0, announcedAt: -1, wantsReply: true, others: null };
    if (local.connections === connections) return;
    local.connections = connections;
    this.#local.set(target, local);
    this.#announceSoon(target, local);
  }

  connectionsElsewhere(target: string): number {
    const local = this.#local.get(target);
    if (!local?.others) return 0;
    let sum = 0;
    for (const [node, { connections }] of local.others) if (this.#deps.isMember(node)) sum += connections;
    if (sum > 0 && local.connections + sum >= this.#deps.maxPerTarget) this.#reconfirm(target, local);
    return sum;
  }

  /** Throws if the message is not a presence message. */
  receive(target: string, message: unknown): void {
    const { node, connections, wantsReply } = PresenceMessage.parse(message);
    const local = this.#local.get(target);
    if (local === undefined || node === this.#deps.node) return;
    if (connections === 0) local.others?.delete(node);
    else this.#setRemoteCount(local, { node, connections });
    if (wantsReply) this.#announceSoon(target, local);
  }

  beat(): void {
    this.#beat++;
    for (const [target, since] of this.#unconfirmed) {
      if (this.#beat - since >= MAX_MISSED_BEATS) this.#dropUnconfirmed(target, since);
    }
    if (this.#deps.isConnected()) this.#announceDue();
  }

  /** Announces all targets again and asks for the counts of other nodes, after a time in which messages were lost. */
  announceAll(): void {
    for (const local of this.#local.values()) local.wantsReply = true;
    this.#due = new Set(this.#local.keys());
    this.#announceDue();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#announcing;
  }

  /** Announces the target at once, or at the next heartbeat if it was announced since the last one. */
  #announceSoon(target: string, local: LocalPresence): void {
    if (local.announcedAt === this.#beat || !this.#deps.isConnected()) this.#due.add(target);
    else this.#publish(target, local);
  }

  #announceDue(): void {
    if (this.#announcing !== undefined) return;
    const due = this.#due;
    this.#due = new Set();
    this.#announceSome(due.values());
  }

  /** Announces as many targets as one turn of the event loop allows, and the others in the following turns. */
  #announceSome(due: Iterator<string>): void {
    this.#announcing = undefined;
    for (let left = MAX_ANNOUNCED_PER_TURN; left > 0; left--) {
      const { done, value: target } = due.next();
      if (done || this.#closed || !this.#deps.isConnected()) return;
      const local = this.#local.get(target);
      if (local !== undefined) this.#publish(target, local);
    }
    this.#announcing = nextTurn().then(() => this.#announceSome(due));
  }

  #publish(target: string, local: LocalPresence): void {
    const { connections, wantsReply } = local;
    this.#deps.publish(target, { node: this.#deps.node, connections, wantsReply });
    local.announcedAt = this.#beat;
    local.wantsReply = false;
    if (connections > 0) return;
    this.#local.delete(target);
    this.#unconfirmed.delete(target);
  }

  #setRemoteCount(local: LocalPresence, { node, connections }: { node: string; connections: number }): void {
    local.others ??= new Map();
    if (!local.others.has(node)) {
      for (const other of local.others.keys()) if (!this.#deps.isMember(other)) local.others.delete(other);
    }
    local.others.set(node, { connections, beat: this.#beat });
  }

  /** The target seems to have reached its limit, but the remote counts may be out of date. */
  #reconfirm(target: string, local: LocalPresence): void {
    if (!this.#unconfirmed.has(target)) this.#unconfirmed.set(target, this.#beat);
    local.wantsReply = true;
    this.#announceSoon(target, local);
  }

  /** Drops the counts that no node has sent again. */
  #dropUnconfirmed(target: string, since: number): void {
    this.#unconfirmed.delete(target);
    const others = this.#local.get(target)?.others;
    for (const [node, { beat }] of others ?? []) if (beat < since) others?.delete(node);
  }
}
