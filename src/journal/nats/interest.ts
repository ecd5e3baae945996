/** Interest: subscribes to what this node's targets are sent, and hands it to the feed, gaps included. */

import type { Msg, Subscription } from "@nats-io/nats-core";
import type { NatsLink } from "../../nats/link.ts";
import { outgoing, PRESENCE } from "../../nats/subjects.ts";
import { nextTurn } from "../../async/next_turn.ts";
import type { Entry, Feed } from "../journal.ts";
import { SequenceTracker } from "./sequence_tracker.ts";
import { parseEntry } from "./message.ts";

/** Told what other nodes say of a target that this node has too. */
export type HearPresence = (target: string, data: Uint8Array) => void;

export interface InterestOptions {
  readonly stream: string;
  readonly retentionSeconds: number;
  /** Of the stream, as positions have it. */
  epoch(): string;
  /** The newest sequence number, when the leader of the stream has heard whatever was sent to it before. */
  barrier(): Promise<number>;
  readonly hear: HearPresence;
}

/** A target (null: everyone) that is followed. */
interface FollowedTarget {
  readonly target: string | null;
  readonly subscription: Subscription;
  readonly chains: SequenceTracker;
  readonly ready: Promise<void>;
}

export class Interest {
  readonly #link: NatsLink;
  readonly #feed: Feed;
  readonly #options: InterestOptions;
  readonly #followed = new Map<string | null, FollowedTarget>();
  #head: Promise<number> | undefined;
  readonly #torn = new Set<string | null>(); // to be said on resuming
  #isSuspended = false;
  #newest = 0;

  constructor(link: NatsLink, feed: Feed, options: InterestOptions) {
    this.#link = link;
    this.#feed = feed;
    this.#options = options;
  }

  /** The newest sequence number that was ever offered. */
  get newest(): number {
    return this.#newest;
  }

  /** Resolves when no later message can miss this node. */
  follow(target: string | null): Promise<void> {
    const known = this.#followed.get(target);
    if (known !== undefined) return known.ready;
    const chains = new SequenceTracker();
    const subscription = this.#link.connection.subscribe(`${outgoing(this.#options.stream, target)}.*`, {
      callback: (error, message) => {
        if (error === null) this.#take(followed, message);
      },
    });
    const ready = this.#barrier().then((head) => chains.begin(head), (error) => {
      if (this.#followed.get(target) === followed) this.unfollow(target);
      throw error;
    });
    const followed: FollowedTarget = { target, subscription, chains, ready };
    this.#followed.set(target, followed);
    return ready;
  }

  unfollow(target: string | null): void {
    const followed = this.#followed.get(target);
    if (!this.#link.connection.isClosed()) followed?.subscription.unsubscribe();
    this.#followed.delete(target);
    this.#torn.delete(target);
  }

  /** This is in the stream: if it has not come although it should have, who follows it will have to read. */
  audit(
    { target, lastToken, sequence }: { target: string | null; lastToken: string; sequence: number },
  ): void {
    const followed = this.#followed.get(target);
    if (followed?.chains.lacks(lastToken, sequence)) this.#torn.add(target);
  }

  /**
   * Something may be missing from now on, and a target's subject tells nothing of everyone's: nothing is offered, for
   * a tab that was sent it would never read what is before it.
   */
  suspend(): void {
    this.#isSuspended = true;
  }

  /** What is in the stream has been looked through: who misses some, or was not offered some, has to read. */
  resume(): void {
    this.#isSuspended = false;
    for (const target of this.#torn) this.#feed.gap(target);
    this.#torn.clear();
  }

  /** All may be missing up to here, of this stream or another. */
  gap(head: number): void {
    for (const { chains } of this.#followed.values()) chains.restart(head);
    this.#newest = 0;
    this.#torn.add(null);
  }

  close(): void {
    for (const target of [...this.#followed.keys()]) this.unfollow(target);
  }

  /**
   * What is published goes the way of the subscription, over the same connection and the same route to the leader of
   * the stream: when the leader acks it, it knows of the subscription. What is asked of JetStream itself goes another
   * way (NATS 2.10). One barrier is for all that begin in one turn.
   */
  #barrier(): Promise<number> {
    return this.#head ??= nextTurn().then(() => {
      this.#head = undefined;
      return this.#options.barrier();
    });
  }

  #take({ target, chains }: FollowedTarget, message: Msg): void {
    const lastToken = message.subject.slice(message.subject.lastIndexOf(".") + 1);
    if (lastToken === PRESENCE) {
      if (target !== null) this.#options.hear(target, message.data);
      return;
    }
    const header = message.headers;
    const sequence = Number(header?.get("Nats-Sequence"));
    const previous = Number(header?.get("Nats-Last-Sequence"));
    if (header === undefined || !(sequence > 0)) return; // not from the stream
    const isLate = sequence < this.#newestOfOthers(target);
    const came = chains.add({ lastToken, sequence, previous });
    if (came === "repeated") return;
    this.#newest = Math.max(this.#newest, sequence);
    if (this.#isSuspended) return void this.#torn.add(target);
    if (came === "torn" || isLate) this.#feed.gap(target);
    this.#feed.offer(this.#entry({ target, lastToken, sequence, header, data: message.data }));
  }

  #entry(message: Parameters<typeof parseEntry>[0]): Entry {
    const { epoch, retentionSeconds } = this.#options;
    return parseEntry(message, { epoch: epoch(), retentionSeconds });
  }

  /** Of what goes to the same connections: order holds among these. */
  #newestOfOthers(target: string | null): number {
    return target === null ? this.#newest : this.#followed.get(null)?.chains.newest ?? 0;
  }
}
