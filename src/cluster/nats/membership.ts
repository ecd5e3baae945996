/** Membership: which other nodes exist and what load they have, according to the heartbeat that each node sends. */

import { Heartbeat } from "./messages.ts";
import type { Member } from "../nodes.ts";
import type { Spending } from "../spending.ts";

/** A node that has missed this many heartbeats has left. */
export const MAX_MISSED_BEATS = 3;

export interface MembershipDeps {
  /** This node with its current load. */
  self(): Member;
  /** Sends a heartbeat to all nodes. */
  send(heartbeat: Heartbeat): void;
  /** Returns what was spent of limits on this node since the last call. */
  takeSpent(): readonly Spending[];
  /** Called with what was spent on another node since its last heartbeat. */
  onSpent(spending: readonly Spending[]): void;
  /** Called when a node has left and will answer no more questions. */
  onLeft(node: string): void;
}

interface OtherNode {
  member: Member;
  missedBeats: number;
}

/**
 * Measures silence in heartbeats of this node and not in milliseconds. So a node whose event loop was blocked for a
 * while does not conclude that all others have left.
 *
 * A node also counts no missed heartbeats while it does not receive its own. Its connection to NATS is then broken,
 * and it must not answer on behalf of the whole service as if it were alone.
 */
export class Membership {
  readonly #deps: MembershipDeps;
  readonly #others = new Map<string, OtherNode>();
  #hasReceivedOwn = false; // since the last heartbeat: NATS delivers a node's messages to the node itself, too

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  /** The other nodes. */
  get others(): readonly Member[] {
    return [...this.#others.values()].map(({ member }) => member);
  }

  has(node: string): boolean {
    return this.#others.has(node);
  }

  /** Announces that this node has joined or reconnected. The other nodes answer at once. */
  join(): void {
    this.#send("joined");
  }

  beat(): void {
    for (const [node, other] of this.#others) {
      other.missedBeats = this.#hasReceivedOwn ? other.missedBeats + 1 : 0;
      if (other.missedBeats >= MAX_MISSED_BEATS) this.remove(node);
    }
    this.#hasReceivedOwn = false;
    const spending = this.#deps.takeSpent();
    const told = spending.length > 0 && { spending: [...spending] };
    this.#deps.send({ ...this.#deps.self(), status: "alive", ...told });
  }

  leave(): void {
    this.#others.clear();
    this.#send("left");
  }

  /** Throws if the message is not a heartbeat. */
  receive(message: unknown): void {
    const { node, connections, capacity, status, spending } = Heartbeat.parse(message);
    if (node === this.#deps.self().node) {
      this.#hasReceivedOwn = true;
      return;
    }
    if (spending !== undefined) this.#deps.onSpent(spending);
    if (status === "left") return this.remove(node);
    this.#others.set(node, { member: { node, connections, capacity }, missedBeats: 0 });
    if (status === "joined") this.#send("alive");
  }

  /** Removes a node. If it still exists, its next heartbeat adds it again. */
  remove(node: string): void {
    if (this.#others.delete(node)) this.#deps.onLeft(node);
  }

  #send(status: Heartbeat["status"]): void {
    this.#deps.send({ ...this.#deps.self(), status });
  }
}
