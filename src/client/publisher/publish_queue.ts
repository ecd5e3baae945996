/** The queue of a publisher: what waits to be sent, and what was sent and is not answered yet. */

import type { PublishCall } from "./publish_call.ts";

/** The limits of what may be unanswered over one connection. */
export interface UnansweredLimits {
  readonly notifications: number;
  readonly bytes: number;
}

/** From so many calls that wait on, those that are over are looked for. */
const MIN_SWEEP = 1_000;

export class PublishQueue {
  #again: PublishCall[] = []; // were sent before, and so come before all that wait; no more than may be unanswered
  #waiting: PublishCall[] = [];
  #next = 0; // the index of the first that waits: an array that loses its first becomes slow when it is long
  #sweepAt = MIN_SWEEP;
  #unanswered: PublishCall[] = []; // in the order in which they were sent
  #notifications = 0;
  #bytes = 0;

  /** True if an answer is due. */
  get awaitsAnswer(): boolean {
    return this.#unanswered.length > 0;
  }

  add(call: PublishCall): void {
    if (this.#waiting.length >= this.#sweepAt) this.#sweep();
    this.#waiting.push(call);
  }

  /** Takes the next call that may be sent, or returns undefined. A call that is larger than the limits waits alone. */
  take(limits: UnansweredLimits): PublishCall | undefined {
    while (this.#again[0]?.isOver) this.#again.shift();
    const call = this.#again[0] ?? this.#firstWaiting();
    if (!call || !this.#hasRoomFor(call, limits)) return undefined;
    if (!this.#again.shift()) this.#next++;
    if (this.#next * 2 > this.#waiting.length) this.#dropTaken();
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

  /** Sends calls again, before those that came after them. */
  repeat(...calls: PublishCall[]): void {
    this.#again = [...this.#again, ...calls].sort((a, b) => a.number - b.number);
  }

  /** The connection has ended: what it has not answered is sent again over the next one. */
  rewind(): void {
    this.repeat(...this.#unanswered.splice(0));
    this.#notifications = this.#bytes = 0;
  }

  /** Removes and returns all calls. */
  clear(): PublishCall[] {
    this.rewind();
    this.#dropTaken();
    return [...this.#again.splice(0), ...this.#waiting.splice(0)];
  }

  #firstWaiting(): PublishCall | undefined {
    while (this.#waiting[this.#next]?.isOver) this.#next++;
    return this.#waiting[this.#next];
  }

  #dropTaken(): void {
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  /** While nothing can be sent, calls whose signals have aborted would pile up. */
  #sweep(): void {
    this.#dropTaken();
    this.#waiting = this.#waiting.filter(({ isOver }) => !isOver);
    this.#sweepAt = Math.max(MIN_SWEEP, 2 * this.#waiting.length);
  }

  #hasRoomFor({ notifications, bytes }: PublishCall, limits: UnansweredLimits): boolean {
    return this.#unanswered.length === 0 ||
      (this.#notifications + notifications <= limits.notifications && this.#bytes + bytes <= limits.bytes);
  }
}
