/** The hub: the one loop that owns the map from target to connections. It awaits only its channels and its pacer. */

import { Channel, ChannelClosedError } from "../async/channel.ts";
import { ready } from "../async/ready.ts";
import { ByTarget, type ConnectionMap } from "./by_target.ts";
import type { Connection } from "./connection.ts";
import type { NotificationFeed } from "./feed.ts";
import type { LateEntries } from "../journal/journal.ts";
import type { Pacer } from "./pacer.ts";
import { splitIntoRuns, type TargetRun } from "./runs.ts";

/** Reads the map in the hub's next turn. It must neither fail nor take long, because the hub does nothing meanwhile. */
export type Query<C extends Connection = Connection> = (connections: ConnectionMap<C>) => void;

// Deno sends what was flushed after each step. 10,000 frames at once take 100 ms and fit into no CPU cache.
const FLUSHES_PER_STEP = 512;
// So many frames take a millisecond: waiting as long for what belongs into the same frames is worth it.
const MANY = 100;
const MAX_GATHERED = 3;

/** Queries return connections of the type that was registered. */
export class Hub<C extends Connection = Connection> {
  readonly registrations: Channel<C>;
  readonly deregistrations: Channel<C>;
  readonly queries: Channel<Query<C>>;
  readonly #feed: NotificationFeed;
  readonly #pacer: Pacer;
  readonly #gather: (() => Promise<void>) | undefined;
  readonly #connections = new ByTarget<C>();

  /**
   * @param options.pacer decides when the next turn begins; a turn drains everything that has come by then
   * @param options.gather resolves when what other isolates are about to publish has come; missing: there are none
   */
  constructor(
    feed: NotificationFeed,
    { capacity, pacer, gather }: {
      capacity: number;
      pacer: Pacer;
      gather?: (() => Promise<void>) | undefined;
    },
  ) {
    this.registrations = new Channel(capacity);
    this.deregistrations = new Channel(capacity);
    this.queries = new Channel(capacity);
    this.#feed = feed;
    this.#pacer = pacer;
    this.#gather = gather;
  }

  /** Runs until all channels are closed and empty. */
  async run(): Promise<void> {
    const { registrations, deregistrations, queries } = this, { gapSignal, notifications } = this.#feed;
    const channels = [registrations, gapSignal, notifications, deregistrations, queries];
    while (await ready(channels)) {
      await this.#pacer.rest(() => this.#feed.hasFullTurn);
      await this.#pacer.work(this.#turn());
    }
  }

  /** Drains the channels, then flushes the connections that have something to send, step by step. */
  *#turn(): Generator<Promise<void> | void, void> {
    const touched: C[] = [];
    this.#drain(touched);
    if (touched.length >= MANY && this.#gather !== undefined) {
      for (let gathered = 0; gathered < MAX_GATHERED; gathered++) {
        yield this.#gather();
        if (this.#feed.notifications.size === 0) break;
        this.#drain(touched);
      }
    }
    for (let flushed = 0; flushed < touched.length; flushed += FLUSHES_PER_STEP) {
      for (const { pump } of touched.slice(flushed, flushed + FLUSHES_PER_STEP)) pump.flush();
      yield;
    }
  }

  /** It is synchronous and has this order, so that no deregistration is drained before its registration. */
  #drain(touched: C[]): void {
    for (const connection of this.registrations.drain()) this.#connections.add(connection);
    for (const gap of this.#feed.takeGaps()) this.#fallBehind(gap, touched);
    for (const run of splitIntoRuns(this.#feed.take())) this.#offer(run, touched);
    for (const connection of this.deregistrations.drain()) this.#connections.delete(connection);
    for (const query of this.queries.drain()) query(this.#connections);
  }

  /** Returns the connections of a target, or (null) all connections. A hub that has ended has none. */
  async connectionsOf(target: string | null): Promise<readonly C[]> {
    return await this.query((connections) => [
      ...target === null ? connections.all() : connections.of(target),
    ]);
  }

  /** Resolves with what the function reads. A hub that has ended has no connections. */
  async query<T>(read: (connections: ConnectionMap<C>) => T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    await this.queries.send((connections) => resolve(read(connections))).catch((error) => {
      if (!(error instanceof ChannelClosedError)) throw error;
      resolve(read(new ByTarget<C>()));
    });
    return await promise;
  }

  /** Makes `run` end as soon as everything that is queued is done. */
  close(): void {
    for (const channel of [this.registrations, this.deregistrations, this.queries]) channel.close();
    this.#feed.close();
  }

  /** The outer loop is over connections, because each would have left the CPU cache before the next notification. */
  #offer({ target, notifications }: TargetRun, touched: C[]): void {
    for (const connection of this.#of(target)) {
      for (const notification of notifications) {
        if (connection.outbox.offer(notification)) touched.push(connection);
      }
    }
  }

  #fallBehind([target, late]: readonly [string | null, readonly LateEntries[]], touched: C[]): void {
    for (const connection of this.#of(target)) {
      connection.outbox.fallBehind(late);
      touched.push(connection);
    }
  }

  #of(target: string | null): Iterable<C> {
    return target === null ? this.#connections.all() : this.#connections.of(target);
  }
}
