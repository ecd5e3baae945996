/** The feed: where the journal offers what is new to the hub, and what is said when the hub has no room for it. */

import { Channel } from "../channel/channel.ts";
import type { Notification } from "./outbox.ts";

const MOST_A_TURN = 1_024; // notifications
const MOST_BYTES_A_TURN = 512 * 1024; // half of what an outbox holds, or tabs that keep up would fall behind

export class Feed {
  readonly notifications: Channel<Notification>;
  /** The targets (null: all) whose connections have to read the journal. Whoever takes the set empties it. */
  readonly tears = new Channel<Set<string | null>>(1);
  readonly #torn = new Set<string | null>(); // no larger than the number of targets that the journal follows

  constructor(capacity: number) {
    this.notifications = new Channel(capacity);
  }

  /** True if as much waits as the hub takes in a turn. */
  get hasTurn(): boolean {
    return this.notifications.size >= MOST_A_TURN;
  }

  /** What the hub takes in a turn, oldest first; then the sockets get theirs before more is taken. */
  take(): readonly Notification[] {
    let room = MOST_BYTES_A_TURN, count = 0;
    for (const { bytes } of this.notifications.peek()) {
      if (count === MOST_A_TURN || (count > 0 && bytes > room)) break;
      room -= bytes;
      count++;
    }
    return this.notifications.drain(count);
  }

  /** Takes a notification to the hub; false if there is no room, and then its target is torn. */
  offer(notification: Notification): boolean {
    if (this.notifications.trySend(notification)) return true;
    this.torn(notification.target);
    return false;
  }

  /** Notifications of the target (null: of any) may be missing. */
  torn(target: string | null): void {
    if (this.#torn.size === 0) this.tears.trySend(this.#torn);
    this.#torn.add(target);
  }

  close(): void {
    this.notifications.close();
    this.tears.close();
  }
}
