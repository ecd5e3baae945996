/** Sessions whose browser has just left: a page that is closed posts its last messages while its event stream ends. */

import type { BrowserMessage } from "../wire/protocol.ts";
import type { TransportKind } from "../wire/transport_kind.ts";

/** A session that can still take what its browser posted. */
export interface LeftSession {
  readonly id: string;
  readonly target: string;
  readonly transport: TransportKind;
  take(messages: readonly BrowserMessage[]): void;
}

const MAX_SESSIONS = 1_000;
const MAX_AGE_MS = 5_000;

/** Remembers the latest sessions, because the end of a stream and a request that was sent before it may arrive swapped. */
export class RecentlyLeft {
  readonly #leftAt = new Map<LeftSession, number>(); // the oldest first
  readonly #now: () => number;

  /** @param now milliseconds on a monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Called when a browser has left by itself. A WebSocket is not remembered: what it carried arrived before its end. */
  add(session: LeftSession): void {
    if (session.transport !== "sse") return;
    this.#leftAt.set(session, this.#now());
    this.tick();
  }

  /** Forgets sessions that are too old or too many. Must be called now and then, also if nobody leaves any more. */
  tick(): void {
    for (const oldest of this.#leftAt.keys()) {
      if (this.#leftAt.size <= MAX_SESSIONS && this.#isRecent(oldest)) return;
      this.#leftAt.delete(oldest);
    }
  }

  /** The number of sessions that are remembered. */
  get size(): number {
    return this.#leftAt.size;
  }

  of(target: string): readonly LeftSession[] {
    return [...this.#leftAt.keys()].filter((session) => session.target === target && this.#isRecent(session));
  }

  /** Forgets the sessions of a target. */
  forget(target: string): void {
    for (const session of this.#leftAt.keys()) if (session.target === target) this.#leftAt.delete(session);
  }

  #isRecent(session: LeftSession): boolean {
    return this.#now() - (this.#leftAt.get(session) ?? -Infinity) < MAX_AGE_MS;
  }
}
