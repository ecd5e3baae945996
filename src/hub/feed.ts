/** The feed: where the journal offers what is new to the hub, and what is said when the hub has no room for it. */

import { Channel } from "../async/channel.ts";
import type { Notification } from "./outbox.ts";

const MAX_PER_TURN = 4_096; // notifications

export class NotificationFeed {
  readonly notifications: Channel<Notification>;
  /** The targets (null: all) whose connections have to read the journal. Whoever takes the set empties it. */
  readonly gaps = new Channel<Set<string | null>>(1);
  readonly #torn = new Set<string | null>(); // no larger than the number of targets that the journal follows
  readonly #bytesATarget: number;
  #hasLeft = false;

  /** @param bytesATarget how much a turn may bring a target; more than an outbox holds makes tabs fall behind */
  constructor(capacity: number, { bytesATarget = Infinity }: { bytesATarget?: number } = {}) {
    this.notifications = new Channel(capacity);
    this.#bytesATarget = bytesATarget;
  }

  /** True if as much waits as the hub takes in a turn, or was left when it took the last. */
  get hasTurn(): boolean {
    return this.#hasLeft || this.notifications.size >= MAX_PER_TURN;
  }

  /** What the hub takes in a turn, oldest first; then the sockets get theirs before more is taken. */
  take(): readonly Notification[] {
    const bytesOf = new Map<string | null, number>();
    let count = 0;
    for (const { target, bytes } of this.notifications.peek()) {
      const taken = bytesOf.get(target) ?? 0;
      if (count === MAX_PER_TURN || (taken > 0 && taken + bytes > this.#bytesATarget)) break;
      bytesOf.set(target, taken + bytes);
      count++;
    }
    this.#hasLeft = count < this.notifications.size;
    return this.notifications.drain(count);
  }

  /** Takes a notification to the hub; false if there is no room, and then its target is torn. */
  offer(notification: Notification): boolean {
    if (this.notifications.trySend(notification)) return true;
    this.gap(notification.target);
    return false;
  }

  /** Notifications of the target (null: of any) may be missing. */
  gap(target: string | null): void {
    if (this.#torn.size === 0) this.gaps.trySend(this.#torn);
    this.#torn.add(target);
  }

  close(): void {
    this.notifications.close();
    this.gaps.close();
  }
}
