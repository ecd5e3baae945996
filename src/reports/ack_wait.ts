/** A wait: until everyone who is there has got some notifications, and has acked them or left. */

import type { Connection } from "../hub/connection.ts";
import type { AwaitedNotification } from "./report.ts";
import type { PendingAcks, Watcher } from "./pending_acks.ts";

/** A connection, and how far its stream has come. */
export interface StreamingConnection extends Connection {
  readonly pump: Connection["pump"] & {
    /** The position up to which the browser was handed its stream; null: it is new, and was not welcomed yet. */
    readonly reached: string | null;
  };
}

/** A notification, and its place in the journal for one of its targets. */
type AwaitedPlace = Pick<AwaitedNotification, "position" | "expiresAt"> & { readonly tally: PendingAcks };

/**
 * Who is there is asked of the hub, after the wait has begun: whoever leaves in between is noticed. A connection
 * that is behind is there, and waited for, in vain if the journal has lost the notification when it gets there.
 */
export class AckWait implements Watcher, Disposable {
  /** Resolves when there is nobody left to wait for. */
  readonly settled: Promise<void>;
  readonly #settle: () => void;
  readonly #places = new Map<string | null, AwaitedPlace[]>(); // by target; null: everyone
  readonly #unsettled = new Set<PendingAcks>();
  readonly #earlier = new Map<PendingAcks, readonly string[]>(); // was handed to them; who knows if they are still there
  readonly #left = new Set<string>(); // since the wait began
  readonly #end: (wait: AckWait) => void;
  readonly #now: () => number;
  #isComplete = false; // it is known who is there

  /** @param end called once, when nobody waits any more */
  constructor(end: (wait: AckWait) => void, now: () => number) {
    ({ promise: this.settled, resolve: this.#settle } = Promise.withResolvers<void>());
    this.#end = end;
    this.#now = now;
  }

  get targets(): Iterable<string | null> {
    return this.#places.keys();
  }

  /** Before anyone is asked who is there. */
  add(tally: PendingAcks, { target, position, expiresAt }: AwaitedNotification): void {
    const places = this.#places.get(target);
    if (places === undefined) this.#places.set(target, [{ tally, position, expiresAt }]);
    else places.push({ tally, position, expiresAt });
    if (tally.awaiting.size > 0 && !this.#earlier.has(tally)) this.#earlier.set(tally, [...tally.awaiting]);
    tally.watch(this);
    this.changed(tally);
  }

  /** Who is there, of each target, or was when the hub was asked. */
  found(there: ReadonlyMap<string | null, readonly StreamingConnection[]>): void {
    const now = this.#now();
    for (const [target, all] of this.#places) {
      const connections = there.get(target) ?? [];
      this.#expect(connections.filter(({ outbox }) => outbox.live), all);
      const kept = all.filter(({ expiresAt }) => expiresAt > now);
      this.#expect(connections.filter(({ outbox }) => !outbox.live), kept);
    }
    if (this.#earlier.size > 0) {
      const present = new Set([...there.values()].flatMap((connections) => connections.map(({ id }) => id)));
      for (const [tally, connections] of this.#earlier) {
        for (const connection of connections) if (!present.has(connection)) tally.left(connection);
      }
    }
    this.#isComplete = true;
    this.#left.clear();
    this.#settleIfDone();
  }

  /** The connection of the target, or of everyone, is not there any more. */
  left(connection: string, target: string | null): void {
    if (!this.#isComplete) this.#left.add(connection);
    for (const { tally } of this.#places.get(target) ?? []) tally.left(connection);
  }

  changed(tally: PendingAcks): void {
    if (tally.settled) this.#unsettled.delete(tally);
    else this.#unsettled.add(tally);
    this.#settleIfDone();
  }

  [Symbol.dispose](): void {
    for (const places of this.#places.values()) for (const { tally } of places) tally.unwatch(this);
    this.#end(this);
  }

  #expect(connections: readonly StreamingConnection[], places: readonly AwaitedPlace[]): void {
    const last = places.reduce((last, { position }) => position > last ? position : last, "");
    for (const { id, pump: { reached } } of connections) {
      if (reached === null || reached >= last || this.#left.has(id)) continue;
      for (const { tally, position } of places) if (reached < position && !tally.expect(id)) return;
    }
  }

  #settleIfDone(): void {
    if (this.#isComplete && this.#unsettled.size === 0) this.#settle();
  }
}
