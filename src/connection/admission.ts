/** Admission: counts connections before they are made, and has a target followed while there is one of it. */

import type { ConnectionSlots } from "./connection_slots.ts";

/** What admission asks of the journal. */
export interface TargetFollower {
  follow(target: string): Promise<void>;
  unfollow(target: string): void;
}

/** What admission tells and asks of the other nodes. Both at once, for they may be called before each connection. */
export interface RemotePresence {
  /** This node now has so many connections of the target. */
  present(target: string, connections: number): void;
  /** How many the target has on other nodes, as far as is known. */
  elsewhere(target: string): number;
}

export interface AdmissionLimits {
  /** On all nodes. Those that let somebody in at the same moment may let in more than that. */
  readonly maxConnectionsPerTarget: number;
  /** How long a target is followed after its last connection: most tabs that go come back at once. */
  readonly lingerMs: number;
}

/** A target that has connections, or had one a moment ago. */
interface TargetSlots {
  readonly target: string;
  readonly followed: Promise<void>;
  connections: number;
  linger: ReturnType<typeof setTimeout> | undefined;
}

/** Synchronous, so that no two connections can be promised the same slot. */
export class Admission {
  readonly #journal: TargetFollower;
  readonly #nodes: RemotePresence;
  readonly #limits: AdmissionLimits;
  readonly #present = new Map<string, TargetSlots>();
  readonly slots: ConnectionSlots;
  readonly #ledger: SlotLedger = {
    left: (presence) => this.#leave(presence),
    freed: () => this.slots.release(),
  };
  #closed = false;

  constructor(
    { journal, nodes, slots }: { journal: TargetFollower; nodes: RemotePresence; slots: ConnectionSlots },
    limits: AdmissionLimits,
  ) {
    this.#journal = journal;
    this.#nodes = nodes;
    this.slots = slots;
    this.#limits = limits;
  }

  isFullFor(target: string): boolean {
    const left = this.#limits.maxConnectionsPerTarget - this.#connectionsOf(target);
    return left <= 0 || left <= this.#nodes.elsewhere(target);
  }

  /** @throws {RangeError} if it is full, which the caller asks first */
  reserve(target: string): Slot {
    if (this.slots.isFull || this.isFullFor(target)) throw new RangeError(`No slot is left for ${target}`);
    const presence = this.#present.get(target) ?? this.#arrive(target);
    clearTimeout(presence.linger);
    presence.connections++;
    this.slots.take();
    this.#tell(target); // after it is followed, for so this node hears what the others answer
    return new Slot(presence, this.#ledger);
  }

  /** Forgets what lingers, and has nothing linger any more. */
  close(): void {
    this.#closed = true;
    for (const { linger } of this.#present.values()) clearTimeout(linger);
  }

  #arrive(target: string): TargetSlots {
    const presence = { target, followed: this.#journal.follow(target), connections: 0, linger: undefined };
    this.#present.set(target, presence);
    presence.followed.catch(() => this.#forget(presence)); // the next connection is to try again
    return presence;
  }

  #connectionsOf(target: string): number {
    return this.#present.get(target)?.connections ?? 0;
  }

  #tell(target: string): void {
    this.#nodes.present(target, this.#connectionsOf(target));
  }

  #leave(presence: TargetSlots): void {
    presence.connections--;
    this.#tell(presence.target);
    if (presence.connections > 0 || this.#closed || this.#present.get(presence.target) !== presence) return;
    presence.linger = setTimeout(() => {
      this.#forget(presence);
      this.#journal.unfollow(presence.target);
    }, this.#limits.lingerMs);
  }

  #forget(presence: TargetSlots): void {
    if (this.#present.get(presence.target) !== presence) return;
    this.#present.delete(presence.target);
    this.#tell(presence.target);
  }
}

/** Where slots are given back. */
interface SlotLedger {
  left(presence: TargetSlots): void;
  freed(): void;
}

/** A place for one connection. */
export class Slot {
  readonly #presence: TargetSlots;
  readonly #ledger: SlotLedger;
  #left = false;
  #freed = false;

  constructor(presence: TargetSlots, ledger: SlotLedger) {
    this.#presence = presence;
    this.#ledger = ledger;
  }

  /** Resolves when the target is followed. If it rejects, the slot is of no use: free it. */
  get followed(): Promise<void> {
    return this.#presence.followed;
  }

  /** The connection doesn't count for its target any more. */
  deregister(): void {
    if (!this.#left) this.#ledger.left(this.#presence);
    this.#left = true;
  }

  /** The socket is gone for good: the slot can be given to another. */
  release(): void {
    this.deregister();
    if (!this.#freed) this.#ledger.freed();
    this.#freed = true;
  }
}
