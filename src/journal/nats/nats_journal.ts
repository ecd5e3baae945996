/** The NATS journal: what it keeps is in a JetStream stream, which carries it to the nodes that need it, and only to them. */

import type { StreamInfo } from "@nats-io/jetstream";
import { isUnheard } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { isUnready, retryUntilReady } from "../../nats/retry_until_ready.ts";
import {
  type Draft,
  type Feed,
  type Journal,
  type Page,
  type PageLimit,
  type Receipt,
  type Retention,
  UnavailableError,
} from "../journal.ts";
import { epochOf } from "./epoch.ts";
import { type HearPresence, Interest } from "./interest.ts";
import { RetentionMarkers } from "./retention_markers.ts";
import { type Extent, HistoryReader } from "./history_reader.ts";
import { Publisher } from "./publisher.ts";
import { Reader } from "./reader.ts";
import { ensureStreams } from "./streams.ts";
import { Topics } from "./topics.ts";
import { StreamMonitor } from "./stream_monitor.ts";
import type { Position } from "../../wire/position.ts";

/** Which stream, and how the journal is to keep what it is given. */
export interface NatsOptions {
  /** Its name, and the first token of all subjects. */
  readonly stream: string;
  /** On how many servers it is. */
  readonly replicas: number;
  readonly retention: Retention;
  /** How often the stream is asked how it is. */
  readonly watchMs: number;
  /** Told at each change whether the stream can be reached, and all that was missing meanwhile is known to be. */
  readonly reachable: (isReachable: boolean) => void;
  /** Told what other nodes say of a target that is followed here. */
  readonly hear: HearPresence;
  readonly report: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Of many nodes, each is subscribed to the targets that have a connection there, and NATS forwards a notification to
 * all of these nodes and to no other. A subscription may miss some: each message names the one before it, so a gap
 * shows with the next; and what was missed last is found in the stream when the connection has come back.
 */
export class NatsJournal implements Journal {
  readonly #link: NatsLink;
  readonly #now: () => number;
  readonly #watch: StreamMonitor;
  readonly #interest: Interest;
  readonly #publisher: Publisher;
  readonly #pages: HistoryReader;
  #closed = false;

  private constructor(link: NatsLink, { feed, info, options }: {
    feed: Feed;
    info: StreamInfo;
    options: NatsOptions;
  }) {
    const { stream, retention, now = Date.now } = options;
    const { seconds: retentionSeconds, perTarget } = retention;
    const epoch = () => this.#watch.epoch;
    const head = async () => (await link.answer(() => this.#extent(stream))).last;
    const marks = new RetentionMarkers(link, { stream, retention });
    const barrier = () => link.answer(() => marks.ask(this.#now())).then(head);
    const topics = new Topics(link, { stream, max: perTarget, renewMs: retentionSeconds * 1000, head });
    const reader = new Reader(link, { stream, perTarget, retentionSeconds, epoch });
    this.#link = link;
    this.#now = now;
    this.#interest = new Interest(link, feed, { ...options, retentionSeconds, epoch, barrier });
    this.#watch = new StreamMonitor(link, info, {
      ...options,
      everyMs: options.watchMs,
      audit: (trace) => this.#interest.audit(trace),
      suspend: () => this.#interest.suspend(),
      resume: () => this.#interest.resume(),
      tear: (head) => this.#interest.gap(head),
    });
    this.#publisher = new Publisher(link, { stream, retention, topics, marks, epoch });
    this.#pages = new HistoryReader({ reader, topics, extent: () => this.#extent(stream), now });
  }

  /**
   * Uses the stream, or makes it. The link stays the caller's.
   *
   * @throws {StreamMisfit} if there is one with this name that is not made for this
   */
  static async open(link: NatsLink, feed: Feed, options: NatsOptions): Promise<NatsJournal> {
    await ensureStreams(link, options);
    const info = await retryUntilReady(() => link.manager.streams.info(options.stream));
    const journal = new NatsJournal(link, { feed, info, options });
    try {
      await retryUntilReady(
        () => journal.#interest.follow(null),
        (error) => isUnready(error) || isUnheard(error),
      );
      return journal;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    return this.#ask(() => this.#publisher.append(drafts, this.#now()));
  }

  follow(target: string): Promise<void> {
    return this.#ask(() => this.#interest.follow(target));
  }

  unfollow(target: string): void {
    this.#interest.unfollow(target);
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    return this.#ask(() => this.#pages.read(target, after, limit));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#interest.close();
    await this.#watch.close();
  }

  async #ask<T>(asked: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new UnavailableError("the journal is closed");
    if (!this.#link.isUp) throw new UnavailableError("NATS cannot be reached");
    try {
      return await this.#link.answer(asked);
    } catch (cause) {
      throw new UnavailableError(`NATS did not do it: ${cause}`, { cause });
    }
  }

  /** A leader that has just become one may not have stored yet what the one before has sent. */
  async #extent(stream: string): Promise<Extent> {
    const { newest } = this.#interest;
    const { created, state } = await this.#link.manager.streams.info(stream);
    const epoch = epochOf(created);
    if (epoch === this.#watch.epoch && state.last_seq < newest) {
      throw new Error(`the stream ends at ${state.last_seq}, and ${newest} has come already`);
    }
    return { epoch, first: state.first_seq, last: state.last_seq };
  }
}
