/** The queue of a publisher: what waits to be sent, and what was sent and is not answered yet. */

import type { PublishCall } from "./publish_call.ts";

/** The limits of what may be unanswered over one connection. */
export interface UnansweredLimits {
  readonly notifications: number;
  readonly bytes: number;
}

export class PublishQueue {
  #waiting: PublishCall[] = [];
  #next = 0; // the index of the first that waits: an array that loses its first becomes slow when it is long
  #unanswered: PublishCall[] = []; // in the order in which they were sent
  #notifications = 0;
  #bytes = 0;

  /** True if an answer is due. */
  get awaitsAnswer(): boolean {
    return this.#unanswered.length > 0;
  }

  add(call: PublishCall): void {
    this.#waiting.push(call);
  }

  /** Takes the next call that may be sent, or returns undefined. A call that is larger than the limits waits alone. */
  take(limits: UnansweredLimits): PublishCall | undefined {
    let call = this.#waiting[this.#next];
    while (call?.isOver) call = this.#waiting[++this.#next];
    if (!call || !this.#hasRoomFor(call, limits)) return undefined;
    this.#next++;
    if (this.#next * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    this.#unanswered.push(call);
    this.#notifications += call.notifications;
    this.#bytes += call.bytes;
    return call;
  }

  /** Removes the call that the next answer is for. */
  answered(): PublishCall | undefined {
    const call = this.#unanswered.shift();
    this.#notifications -= call?.notifications ?? 0;
    this.#bytes -= call?.bytes ?? 0;
    return call;
  }

  /** Sends a call again, before those that came after it. */
  repeat(...calls: PublishCall[]): void {
    this.#waiting = [...calls, ...this.#waiting.slice(this.#next)].sort((a, b) => a.number - b.number);
    this.#next = 0;
  }

  /** The connection has ended: what it has not answered is sent again over the next one. */
  rewind(): void {
    this.repeat(...this.#unanswered.splice(0));
    this.#notifications = this.#bytes = 0;
  }

  /** Removes and returns all calls. */
  clear(): PublishCall[] {
    this.rewind();
    return this.#waiting.splice(0);
  }

  #hasRoomFor({ notifications, bytes }: PublishCall, limits: UnansweredLimits): boolean {
    return this.#unanswered.length === 0 ||
      (this.#notifications + notifications <= limits.notifications && this.#bytes + bytes <= limits.bytes);
  }
}
