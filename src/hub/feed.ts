/** The feed: what the journal offers to the hub, and which targets missed something because the hub had no room. */

import { Channel } from "../async/channel.ts";
import type { LateEntries } from "../journal/journal.ts";
import type { Notification } from "./outbox.ts";

/** The targets (null: everyone) whose connections have to read the journal, each with what came late. */
type Gaps = ReadonlyMap<string | null, readonly LateEntries[]>;

const MAX_PER_TURN = 4_096; // notifications
const NO_GAPS: Gaps = new Map();

export class NotificationFeed {
  readonly notifications: Channel<Notification>;
  /** Holds a value while there are gaps to take, so that it wakes the hub. */
  readonly gapSignal = new Channel<true>(1);
  #gaps = new Map<string | null, readonly LateEntries[]>(); // at most as many targets as the journal follows
  readonly #bytesPerTarget: number;
  #hasLeftover = false;

  /**
   * @param capacity in notifications
   * @param bytesPerTarget how much the hub takes for one target in a turn; more than an outbox holds would make its
   *   connections fall behind
   */
  constructor(capacity: number, { bytesPerTarget = Infinity }: { bytesPerTarget?: number } = {}) {
    this.notifications = new Channel(capacity);
    this.#bytesPerTarget = bytesPerTarget;
  }

  /** True if as much waits as the hub takes in a turn, or if the last turn left something. */
  get hasFullTurn(): boolean {
    return this.#hasLeftover || this.notifications.size >= MAX_PER_TURN;
  }

  /** Takes as much as a turn may bring, oldest first. Sockets are flushed before the hub takes more. */
  take(): readonly Notification[] {
    const bytesOf = new Map<string | null, number>();
    let count = 0;
    for (const { target, bytes } of this.notifications.peek()) {
      const taken = bytesOf.get(target) ?? 0;
      if (count === MAX_PER_TURN || (taken > 0 && taken + bytes > this.#bytesPerTarget)) break;
      bytesOf.set(target, taken + bytes);
      count++;
    }
    this.#hasLeftover = count < this.notifications.size;
    return this.notifications.drain(count);
  }

  /** Takes and forgets the targets (null: all) whose connections have to read the journal. */
  takeGaps(): Gaps {
    if (this.gapSignal.size === 0) return NO_GAPS;
    this.gapSignal.drain();
    const gaps = this.#gaps;
    this.#gaps = new Map();
    return gaps;
  }

  /** Hands a notification to the hub. Returns false, and notes a gap for its target, if there is no room. */
  offer(notification: Notification): boolean {
    if (this.notifications.trySend(notification)) return true;
    this.gap(notification.target);
    return false;
  }

  /**
   * Notes that the target's connections (null: all connections) may miss notifications.
   *
   * @param late those that they may miss although they were sent later ones
   */
  gap(target: string | null, late?: LateEntries): void {
    this.#gaps.set(target, [...this.#gaps.get(target) ?? [], ...late === undefined ? [] : [late]]);
    this.gapSignal.trySend(true);
  }

  close(): void {
    this.notifications.close();
    this.gapSignal.close();
  }
}
