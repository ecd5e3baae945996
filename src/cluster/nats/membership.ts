/** Membership: who is there, by what each node says of itself every beat. */

import { Heartbeat } from "./messages.ts";
import type { Member } from "../nodes.ts";

/** Beats without a word, after which a node is gone. */
export const MAX_MISSED = 3;

export interface MembershipDeps {
  /** This node, as it is now. */
  own(): Member;
  /** Tells all nodes. */
  say(beat: Heartbeat): void;
  /** Told of a node that will not answer any more. */
  lost(node: string): void;
}

/** Another node, and how many beats ago it was heard. */
interface OtherNode {
  member: Member;
  missed: number;
}

/**
 * Counts its own beats, not the time: who was held up for a while has missed nobody. Nor is anybody missed by who does
 * not hear even itself: to take the others for gone would be to speak for all of them, with its line down.
 */
export class Membership {
  readonly #deps: MembershipDeps;
  readonly #others = new Map<string, OtherNode>();
  #hearsItself = false; // since the last beat: NATS gives everybody what is said, who says it too

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

  /** Says that this node has come, or come back: the others answer at once. */
  come(): void {
    this.#say("come");
  }

  beat(): void {
    for (const [node, other] of this.#others) {
      other.missed = this.#hearsItself ? other.missed + 1 : 0;
      if (other.missed >= MAX_MISSED) this.lose(node);
    }
    this.#hearsItself = false;
    this.#say("stayed");
  }

  leave(): void {
    this.#others.clear();
    this.#say("left");
  }

  /** Throws if this is nothing that a node says. */
  hear(said: unknown): void {
    const { node, connections, capacity, has } = Heartbeat.parse(said);
    if (node === this.#deps.own().node) {
      this.#hearsItself = true;
      return;
    }
    if (has === "left") return this.lose(node);
    this.#others.set(node, { member: { node, connections, capacity }, missed: 0 });
    if (has === "come") this.#say("stayed");
  }

  /** It is not there any more. If it is, after all, its next word says so. */
  lose(node: string): void {
    if (this.#others.delete(node)) this.#deps.lost(node);
  }

  #say(has: Heartbeat["has"]): void {
    this.#deps.say({ ...this.#deps.own(), has });
  }
}
