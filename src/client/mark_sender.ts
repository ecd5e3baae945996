/** Sends the page's own changes, one after the other, and keeps each until the stream shows it. */

import { ChangeQueue } from "./change_queue.ts";
import { MARKED_MS, RESEND_MARK_MS, SHOWN_MS } from "./limits.ts";
import { agrees, effectOn, type OwnChange } from "./own_change.ts";
import type { MarkAnswer, MarkMessage, TidingsReadState } from "./tidings.ts";

export interface MarkSenderDeps {
  /** Sends a message, or does nothing without a connection. */
  readonly send: (message: MarkMessage) => void;
  /** Called when the server has merged a change and no state of the stream has shown it for a while. */
  readonly onUnseen: (change: OwnChange) => void;
  /** Called when the server has refused a change for good. */
  readonly onRefused: (problem: NonNullable<MarkAnswer["problem"]>) => void;
}

/** A change that was sent. */
interface SentChange {
  readonly change: OwnChange;
  readonly message: MarkMessage;
  /** True if a state has come since that may contain the change. */
  isSeen: boolean;
}

/** Other tabs receive the answers too, so a ref names the page and the message. */
const PAGE = Math.random().toString(36).slice(2);
let messages = 0;

/**
 * Only one message is under way: if the first of two were refused for a moment, the second would overtake it. The
 * answer to a message may come before the state that contains the change, and a state without it may come before it.
 */
export class MarkSender {
  readonly #deps: MarkSenderDeps;
  readonly #queue = new ChangeQueue();
  #sent: SentChange | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Merged changes that no state has shown yet, with the timers that give up on that. */
  readonly #merged = new Map<SentChange, ReturnType<typeof setTimeout>>();

  constructor(deps: MarkSenderDeps) {
    this.#deps = deps;
  }

  add(change: OwnChange): void {
    this.#queue.add(change);
    if (this.#sent === null) this.#sendNext();
  }

  /** Returns whether the changes make a notification read, the latest first; undefined if none concerns it. */
  effectOn(position: string): boolean | undefined {
    const sent = [...this.#merged.keys(), ...this.#sent ? [this.#sent] : []].reverse();
    return sent.reduce(
      (effect, { change }) => effect ?? effectOn(change, position),
      this.#queue.effectOn(position),
    );
  }

  /** True if a change marks everything as read up to this position. */
  covers(position: string): boolean {
    const sent = [...this.#merged.keys(), ...this.#sent ? [this.#sent] : []];
    return this.#queue.covers(position) ||
      sent.some(({ change }) => "through" in change && effectOn(change, position));
  }

  /** There is a connection again: the last one may have lost what was under way. */
  resend(ms = 0): void {
    clearTimeout(this.#timer);
    if (this.#sent === null) return;
    if (ms > 0) this.#timer = setTimeout(() => this.resend(), ms);
    else this.#transmit(this.#sent);
  }

  /** Sends all that waits at once, because there may be no later turn. It waits on, for a page that comes back. */
  flush(): void {
    this.resend();
    const waiting: OwnChange[] = [];
    for (let change; (change = this.#queue.take()) !== null;) {
      this.#deps.send(toMessage(change));
      waiting.push(change);
    }
    for (const change of waiting) this.#queue.add(change);
  }

  onAnswer({ ref, problem }: MarkAnswer): void {
    const sent = this.#sent;
    if (sent === null || sent.message.ref !== ref) return; // it is another page's, or an answer to a repetition
    if (problem !== undefined && mayPass(problem.status)) return this.resend(RESEND_MARK_MS);
    this.#sent = null;
    if (problem !== undefined) this.#deps.onRefused(problem);
    else if (sent.isSeen) this.#forget(null);
    else this.#merged.set(sent, setTimeout(() => this.#giveUp(sent), SHOWN_MS));
    this.#sendNext();
  }

  onState(state: TidingsReadState): void {
    if (this.#sent !== null) this.#sent.isSeen ||= agrees(state, this.#sent.change);
    const seen = [...this.#merged.keys()].reverse().find(({ change }) => agrees(state, change));
    if (seen !== undefined) this.#forget(seen);
  }

  /** Sends all that waits. */
  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#forget(null);
  }

  /** Forgets a merged change and all before it: what shows a change shows those too. Null: all. */
  #forget(last: SentChange | null): void {
    for (const [merged, timer] of this.#merged) {
      clearTimeout(timer);
      this.#merged.delete(merged);
      if (merged === last) return;
    }
  }

  #giveUp(merged: SentChange): void {
    this.#merged.delete(merged);
    this.#deps.onUnseen(merged.change);
  }

  #sendNext(): void {
    clearTimeout(this.#timer);
    const change = this.#queue.take();
    if (change === null) return;
    this.#sent = { change, message: toMessage(change), isSeen: false };
    this.#transmit(this.#sent);
  }

  /** An answer may be lost: with another tab that had the connection, for example. */
  #transmit({ message }: SentChange): void {
    this.#deps.send(message);
    this.resend(MARKED_MS);
  }
}

function toMessage(change: OwnChange): MarkMessage {
  const ref = `${PAGE}.${++messages}`;
  return "through" in change
    ? { ...change, ref }
    : { type: change.type, positions: [...change.positions], ref };
}

/** The server had no room, was stopping or had a fault. 501 says that it retains nothing. */
function mayPass(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}
