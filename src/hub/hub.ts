/** The hub: the one loop that owns the map from target to connections. It awaits nothing but its channels. */

import { Channel, ChannelClosedError } from "../async/channel.ts";
import { ready } from "../async/ready.ts";
import { ByTarget } from "./by_target.ts";
import type { Connection } from "./connection.ts";
import type { NotificationFeed } from "./feed.ts";
import type { Pacer } from "./pacer.ts";
import { runsOf, type TargetRun } from "./runs.ts";

/** A question about the connections of a target (null: all of them), answered in the hub's own turn. */
export interface Query<C extends Connection = Connection> {
  readonly target: string | null;
  answer(connections: readonly C[]): void;
}

const FLUSHES_A_STEP = 512; // then Deno sends them: 10,000 frames at once are 100 ms, and don't fit into any cache

/** Of whatever kind its connections are, they come back as that kind to who asks for them. */
export class Hub<C extends Connection = Connection> {
  readonly registrations: Channel<C>;
  readonly deregistrations: Channel<C>;
  readonly queries: Channel<Query<C>>;
  readonly #feed: NotificationFeed;
  readonly #pacer: Pacer;
  readonly #connections = new ByTarget<C>();

  /** @param pacer when it drains: what comes until then is drained with the rest */
  constructor(feed: NotificationFeed, { capacity, pacer }: { capacity: number; pacer: Pacer }) {
    this.registrations = new Channel(capacity);
    this.deregistrations = new Channel(capacity);
    this.queries = new Channel(capacity);
    this.#feed = feed;
    this.#pacer = pacer;
  }

  /** Runs until all channels are closed and empty. */
  async run(): Promise<void> {
    const { registrations, deregistrations, queries } = this;
    const channels = [registrations, this.#feed.gaps, this.#feed.notifications, deregistrations, queries];
    while (await ready(channels)) {
      await this.#pacer.rest(() => this.#feed.hasTurn);
      await this.#pacer.work(this.#turn());
    }
  }

  /** All that came, at once; then the flushes it takes, step by step. */
  *#turn(): Generator<void, void> {
    const touched = this.#drain();
    for (let flushed = 0; flushed < touched.length; flushed += FLUSHES_A_STEP) {
      for (const { pump } of touched.slice(flushed, flushed + FLUSHES_A_STEP)) pump.flush();
      yield;
    }
  }

  /** Synchronous, and in this order: no deregistration can be drained before its registration. */
  #drain(): readonly C[] {
    const touched: C[] = [];
    for (const connection of this.registrations.drain()) this.#connections.add(connection);
    for (const torn of this.#feed.gaps.drain()) this.#tear(torn, touched);
    for (const run of runsOf(this.#feed.take())) this.#offer(run, touched);
    for (const connection of this.deregistrations.drain()) this.#connections.delete(connection);
    for (const { target, answer } of this.queries.drain()) answer([...this.#of(target)]);
    return touched;
  }

  /** Asks for the connections of a target, or (null) for all of them. A hub that has ended has none. */
  async connectionsOf(target: string | null): Promise<readonly C[]> {
    const { promise, resolve } = Promise.withResolvers<readonly C[]>();
    await this.queries.send({ target, answer: resolve }).catch((error) => {
      if (!(error instanceof ChannelClosedError)) throw error;
      resolve([]);
    });
    return await promise;
  }

  /** Ends `run` as soon as everything that is queued is done. */
  close(): void {
    for (const channel of [this.registrations, this.deregistrations, this.queries]) channel.close();
    this.#feed.close();
  }

  /** Connection after connection: the other way round, each would have left the cache when its turn comes again. */
  #offer({ target, notifications }: TargetRun, touched: C[]): void {
    for (const connection of this.#of(target)) {
      for (const notification of notifications) {
        if (connection.outbox.offer(notification)) touched.push(connection);
      }
    }
  }

  #tear(targets: Set<string | null>, touched: C[]): void {
    for (const target of targets) {
      for (const connection of this.#of(target)) {
        connection.outbox.fallBehind();
        touched.push(connection);
      }
    }
    targets.clear();
  }

  #of(target: string | null): Iterable<C> {
    return target === null ? this.#connections.all() : this.#connections.of(target);
  }
}
