/** Waits until every connection that should receive some notifications has acked them or closed. */

import type { Connection } from "../hub/connection.ts";
import type { AwaitedNotification } from "./report.ts";
import type { PendingAcks, PendingAcksListener } from "./pending_acks.ts";

/** A connection whose progress in the journal is known. */
export interface StreamingConnection extends Connection {
  readonly pump: Connection["pump"] & {
    /** The position up to which notifications were sent; null: the connection is new and was sent no welcome yet. */
    readonly reached: string | null;
  };
}

/** A notification to one target, and its pending acks. */
type AwaitedEntry = Pick<AwaitedNotification, "position" | "expiresAt"> & {
  readonly pendingAcks: PendingAcks;
};

/**
 * The caller adds the notifications, then asks the hub for the connections of `targets`, and passes them to `start`.
 * The wait begins before the hub is asked, so it notices connections that close in between.
 *
 * It also waits for connections that are behind. If the journal has dropped the notification before such a connection
 * reads it, that part of the wait is in vain.
 */
export class AckWait implements PendingAcksListener, Disposable {
  /** Resolves when there is no connection left to wait for. */
  readonly settled: Promise<void>;
  readonly #settle: () => void;
  readonly #entries = new Map<string | null, AwaitedEntry[]>(); // by target; null: everyone
  readonly #unsettled = new Set<PendingAcks>();
  readonly #sentBefore = new Map<PendingAcks, readonly string[]>(); // to connections that may have closed since
  readonly #leftBeforeStart = new Set<string>();
  readonly #onEnd: (wait: AckWait) => void;
  readonly #now: () => number;
  #isStarted = false;

  /** @param onEnd called once, when the wait is disposed of */
  constructor(onEnd: (wait: AckWait) => void, now: () => number) {
    ({ promise: this.settled, resolve: this.#settle } = Promise.withResolvers<void>());
    this.#onEnd = onEnd;
    this.#now = now;
  }

  get targets(): Iterable<string | null> {
    return this.#entries.keys();
  }

  /** Adds a notification to wait for. Called before the hub is asked. */
  add(pendingAcks: PendingAcks, { target, position, expiresAt }: AwaitedNotification): void {
    const entries = this.#entries.get(target);
    if (entries === undefined) this.#entries.set(target, [{ pendingAcks, position, expiresAt }]);
    else entries.push({ pendingAcks, position, expiresAt });
    if (pendingAcks.unacked.size > 0 && !this.#sentBefore.has(pendingAcks)) {
      this.#sentBefore.set(pendingAcks, [...pendingAcks.unacked]);
    }
    pendingAcks.addListener(this);
    this.onChange(pendingAcks);
  }

  /** @param found the connections of each target at the time when the hub was asked */
  start(found: ReadonlyMap<string | null, readonly StreamingConnection[]>): void {
    const now = this.#now();
    for (const [target, entries] of this.#entries) {
      const connections = found.get(target) ?? [];
      this.#expect(connections.filter(({ outbox }) => outbox.live), entries);
      const readable = entries.filter(({ expiresAt }) => expiresAt > now);
      this.#expect(connections.filter(({ outbox }) => !outbox.live), readable);
    }
    if (this.#sentBefore.size > 0) {
      const open = new Set([...found.values()].flatMap((connections) => connections.map(({ id }) => id)));
      for (const [pendingAcks, connections] of this.#sentBefore) {
        for (const connection of connections) if (!open.has(connection)) pendingAcks.left(connection);
      }
    }
    this.#isStarted = true;
    this.#leftBeforeStart.clear();
    this.#settleIfDone();
  }

  /** Called when a connection of the target has closed, and again with null for the notifications to everyone. */
  left(connection: string, target: string | null): void {
    if (!this.#isStarted) this.#leftBeforeStart.add(connection);
    for (const { pendingAcks } of this.#entries.get(target) ?? []) pendingAcks.left(connection);
  }

  onChange(pendingAcks: PendingAcks): void {
    if (pendingAcks.isSettled) this.#unsettled.delete(pendingAcks);
    else this.#unsettled.add(pendingAcks);
    this.#settleIfDone();
  }

  [Symbol.dispose](): void {
    for (const entries of this.#entries.values()) {
      for (const { pendingAcks } of entries) pendingAcks.removeListener(this);
    }
    this.#onEnd(this);
  }

  /** Expects the connections to receive the entries that they have not reached yet. */
  #expect(connections: readonly StreamingConnection[], entries: readonly AwaitedEntry[]): void {
    const last = entries.reduce((last, { position }) => position > last ? position : last, "");
    for (const { id, pump: { reached } } of connections) {
      if (reached === null || reached >= last || this.#leftBeforeStart.has(id)) continue;
      for (const { pendingAcks, position } of entries) {
        if (reached < position && !pendingAcks.expect(id)) return;
      }
    }
  }

  #settleIfDone(): void {
    if (this.#isStarted && this.#unsettled.size === 0) this.#settle();
  }
}
