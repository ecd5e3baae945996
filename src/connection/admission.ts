/** Admission: counts connections before they are made, and has the journal follow each target that has any. */

import type { ConnectionSlots } from "./connection_slots.ts";

/** The part of the journal that admission uses. */
export interface TargetFollower {
  follow(target: string): Promise<void>;
  unfollow(target: string): void;
}

/** What admission exchanges with the other nodes. Neither call waits, because both may precede each connection. */
export interface RemotePresence {
  /**
   * Announces how many connections of the target this node has now. Returns how many it has elsewhere at this moment, if nodes
   * can tell each other in time.
   */
  announce(target: string, connections: number): void | number | Promise<number>;
  /** Returns how many connections the target has on other nodes, as far as this node knows. */
  connectionsElsewhere(target: string): number;
}

/** What is told which targets have connections on this node. Times are in milliseconds since 1970. */
export interface TargetObserver {
  /** The target had no connection on this node for the linger, and has one now. */
  arrived(target: string): void;
  /** It has had none for the linger. @param at when the last one ended */
  departed(target: string, at: number): void;
  /**
   * Called before `departed`, and also when the node stops while the target has connections, or has had some within the
   * linger. Not called if the target was forgotten since. @param at when the last connection ended
   */
  seen(target: string, at: number): void;
}

export interface AdmissionLimits {
  /** Counts the connections on all nodes. Nodes on NATS that admit connections at the same moment may exceed it. */
  readonly maxConnectionsPerTarget: number;
  /** How long a target is followed after its last connection. Most tabs that disconnect come back at once. */
  readonly lingerMs: number;
}

/** A target that has connections, or had one within the last `lingerMs`. */
interface TargetEntry {
  readonly target: string;
  readonly followed: Promise<void>;
  connections: number;
  /** When the last connection ended, in milliseconds since 1970. */
  leftAt: number;
  /** True once the observer knows of the target. */
  isObserved: boolean;
  /** True once the target was erased, until it has a new connection. */
  isForgotten: boolean;
  unfollowTimer: ReturnType<typeof setTimeout> | undefined;
}

/** The collaborators of admission. */
export interface AdmissionDeps {
  readonly journal: TargetFollower;
  readonly nodes: RemotePresence;
  readonly slots: ConnectionSlots;
  /** Undefined: nothing needs to know. */
  readonly observer?: TargetObserver | null;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** It is synchronous, so that the same slot is never promised to two connections. */
export class Admission {
  readonly #journal: TargetFollower;
  readonly #nodes: RemotePresence;
  readonly #limits: AdmissionLimits;
  readonly #observer: TargetObserver | null;
  readonly #now: () => number;
  readonly #entries = new Map<string, TargetEntry>();
  readonly slots: ConnectionSlots;
  readonly #release = (entry: TargetEntry): void => this.#giveBack(entry); // one closure for all slots
  #closed = false;

  constructor(
    { journal, nodes, slots, observer = null, now = Date.now }: AdmissionDeps,
    limits: AdmissionLimits,
  ) {
    this.#observer = observer;
    this.#now = now;
    this.#journal = journal;
    this.#nodes = nodes;
    this.slots = slots;
    this.#limits = limits;
  }

  isFullFor(target: string): boolean {
    const left = this.#limits.maxConnectionsPerTarget - this.#connectionsOf(target);
    return left <= 0 || left <= this.#nodes.connectionsElsewhere(target);
  }

  /** @throws {RangeError} if there is no slot; call `isFullFor` first. Another isolate may just have taken the last one */
  reserve(target: string): Slot {
    if (this.isFullFor(target) || !this.slots.take()) throw new RangeError(`No slot is left for ${target}`);
    const entry = this.#entries.get(target) ?? this.#follow(target);
    entry.isForgotten = false;
    clearTimeout(entry.unfollowTimer);
    entry.connections++;
    const elsewhere = this.#announce(target); // after the follow, so that this node receives what the other nodes answer
    const isOver = elsewhere === undefined ? null : this.#isOver(entry.connections, elsewhere);
    return new Slot(entry, { isOver, giveBack: this.#release });
  }

  async #isOver(here: number, elsewhere: number | Promise<number>): Promise<boolean> {
    return here + await elsewhere > this.#limits.maxConnectionsPerTarget;
  }

  /**
   * When the target last had a connection on this node, in milliseconds since 1970: now, also while its last one is
   * closing, or when that ended. Null if that was before the linger, or if the target was forgotten since.
   */
  seenAt(target: string): number | null {
    const entry = this.#entries.get(target);
    if (entry === undefined || entry.isForgotten) return null;
    return entry.connections > 0 ? this.#now() : entry.leftAt;
  }

  /** The connections that the target has had until now were never seen. Their sockets may still be closing. */
  forget(target: string): void {
    const entry = this.#entries.get(target);
    if (entry !== undefined) entry.isForgotten = true;
  }

  /** Cancels the timers of targets without connections, and starts no new ones. */
  close(): void {
    this.#closed = true;
    const now = this.#now();
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.unfollowTimer);
      this.#noteSeen(entry, entry.connections > 0 ? now : entry.leftAt);
    }
  }

  #follow(target: string): TargetEntry {
    const entry = {
      target,
      followed: this.#journal.follow(target),
      connections: 0,
      leftAt: 0,
      isObserved: false,
      isForgotten: false,
      unfollowTimer: undefined,
    };
    this.#entries.set(target, entry);
    entry.followed.then(() => this.#observe(entry), () => this.#forget(entry)); // the next connection tries again
    return entry;
  }

  /** A target that the journal does not follow has no connection yet. */
  #observe(entry: TargetEntry): void {
    if (this.#observer === null || this.#entries.get(entry.target) !== entry) return;
    entry.isObserved = true;
    this.#observer.arrived(entry.target);
  }

  #connectionsOf(target: string): number {
    return this.#entries.get(target)?.connections ?? 0;
  }

  #announce(target: string): ReturnType<RemotePresence["announce"]> {
    return this.#nodes.announce(target, this.#connectionsOf(target));
  }

  #giveBack(entry: TargetEntry): void {
    this.slots.release();
    entry.connections--;
    this.#announce(entry.target);
    if (entry.connections === 0) entry.leftAt = this.#now();
    if (entry.connections > 0 || this.#closed || this.#entries.get(entry.target) !== entry) return;
    entry.unfollowTimer = setTimeout(() => {
      this.#forget(entry);
      this.#journal.unfollow(entry.target);
      this.#noteSeen(entry, entry.leftAt);
      if (entry.isObserved) this.#observer?.departed(entry.target, entry.leftAt);
    }, this.#limits.lingerMs);
  }

  #noteSeen({ target, isObserved, isForgotten }: TargetEntry, at: number): void {
    if (isObserved && !isForgotten) this.#observer?.seen(target, at);
  }

  #forget(entry: TargetEntry): void {
    if (this.#entries.get(entry.target) !== entry) return;
    this.#entries.delete(entry.target);
    this.#announce(entry.target);
  }
}

/**
 * The reserved slot of one connection. It counts for the node and for the target alike until it is released, so a user
 * has no more sockets than the target may have connections, however many of them are closing.
 */
export class Slot {
  readonly #entry: TargetEntry;
  readonly #giveBack: (entry: TargetEntry) => void;
  /** Resolves with true if the target has too many connections with this one. Null: it is known that it has not. */
  readonly isOver: Promise<boolean> | null;
  #isReleased = false;

  constructor(
    entry: TargetEntry,
    { isOver, giveBack }: { isOver: Promise<boolean> | null; giveBack: (entry: TargetEntry) => void },
  ) {
    this.#entry = entry;
    this.#giveBack = giveBack;
    this.isOver = isOver;
  }

  /** Resolves when the journal follows the target. If it rejects, release the slot. */
  get followed(): Promise<void> {
    return this.#entry.followed;
  }

  /** Gives the slot back once the socket is gone. */
  release(): void {
    if (!this.#isReleased) this.#giveBack(this.#entry);
    this.#isReleased = true;
  }
}
