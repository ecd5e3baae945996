/** The NATS journal: a JetStream stream stores the notifications and carries each only to the nodes that need it. */

import type { StreamInfo } from "@nats-io/jetstream";
import { isNoResponders } from "../../nats/api_error.ts";
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
import { Interest, type PresenceListener } from "./interest.ts";
import { RetentionMarkers } from "./retention_markers.ts";
import { HistoryReader, type StreamRange } from "./history_reader.ts";
import { Publisher } from "./publisher.ts";
import { SubjectReader } from "./subject_reader.ts";
import { ensureStreams } from "./streams.ts";
import { Topics } from "./topics.ts";
import { StreamMonitor } from "./stream_monitor.ts";
import type { Position } from "../../wire/position.ts";

export interface NatsJournalOptions {
  /** The name of the stream, which is also the first token of all subjects. */
  readonly stream: string;
  /** The number of servers that store the stream. */
  readonly replicas: number;
  readonly retention: Retention;
  /** Interval between checks of the stream. */
  readonly checkMs: number;
  /**
   * Called at each change. The stream is reachable when it answers and the gaps of the time when it did not are
   * known.
   */
  readonly onReachabilityChange: (isReachable: boolean) => void;
  /** Called with messages of other nodes about a target that is followed here. */
  readonly onPresence: PresenceListener;
  readonly report: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Each node subscribes to the targets that have connections there, and NATS forwards a notification to all of these
 * nodes and to no others. A subscription may lose messages. Each message names the one before it, so a gap shows with
 * the next message; if the last message was lost, a scan of the stream finds it after the connection has come back.
 */
export class NatsJournal implements Journal {
  readonly #link: NatsLink;
  readonly #now: () => number;
  readonly #monitor: StreamMonitor;
  readonly #interest: Interest;
  readonly #publisher: Publisher;
  readonly #history: HistoryReader;
  #closed = false;

  private constructor(link: NatsLink, { feed, info, options }: {
    feed: Feed;
    info: StreamInfo;
    options: NatsJournalOptions;
  }) {
    const { stream, retention, now = Date.now } = options;
    const { seconds: retentionSeconds, perTarget } = retention;
    const epoch = () => this.#monitor.epoch;
    const head = async () => (await link.rejectOnDisconnect(() => this.#range(stream))).last;
    const markers = new RetentionMarkers(link, { stream, retention });
    const barrier = () => link.rejectOnDisconnect(() => markers.publish(this.#now())).then(head);
    const topics = new Topics(link, { stream, max: perTarget, renewMs: retentionSeconds * 1000, head });
    const reader = new SubjectReader(link, { stream, perTarget, retentionSeconds, epoch });
    this.#link = link;
    this.#now = now;
    this.#interest = new Interest(link, feed, { ...options, retentionSeconds, epoch, barrier });
    this.#monitor = new StreamMonitor(link, info, {
      ...options,
      intervalMs: options.checkMs,
      onSuspend: () => this.#interest.suspend(),
      onMessage: (message) => this.#interest.checkReceived(message),
      onRestart: (head) => this.#interest.restart(head),
      onResume: () => this.#interest.resume(),
    });
    this.#publisher = new Publisher(link, { stream, retention, topics, markers, epoch });
    this.#history = new HistoryReader({ reader, topics, range: () => this.#range(stream), now });
  }

  /**
   * Opens the journal, and creates the streams if they do not exist. The link remains the caller's.
   *
   * @throws {StreamMismatchError} if a stream of this name exists with another configuration
   */
  static async open(link: NatsLink, feed: Feed, options: NatsJournalOptions): Promise<NatsJournal> {
    await ensureStreams(link, options);
    const info = await retryUntilReady(() => link.manager.streams.info(options.stream));
    const journal = new NatsJournal(link, { feed, info, options });
    try {
      await retryUntilReady(
        () => journal.#interest.follow(null),
        (error) => isUnready(error) || isNoResponders(error),
      );
      return journal;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    return this.#request(() => this.#publisher.append(drafts, this.#now()));
  }

  follow(target: string): Promise<void> {
    return this.#request(() => this.#interest.follow(target));
  }

  unfollow(target: string): void {
    this.#interest.unfollow(target);
  }

  read(target: string, after: Position | null, limit: PageLimit): Promise<Page> {
    return this.#request(() => this.#history.read(target, after, limit));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#interest.close();
    await this.#monitor.close();
  }

  async #request<T>(request: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new UnavailableError("the journal is closed");
    if (!this.#link.isUp) throw new UnavailableError("NATS cannot be reached");
    try {
      return await this.#link.rejectOnDisconnect(request);
    } catch (cause) {
      throw new UnavailableError(`the request to NATS failed: ${cause}`, { cause });
    }
  }

  /** A leader that was just elected may not have stored yet what its predecessor has sent. */
  async #range(stream: string): Promise<StreamRange> {
    const { newest } = this.#interest;
    const { created, state } = await this.#link.manager.streams.info(stream);
    const epoch = epochOf(created);
    if (epoch === this.#monitor.epoch && state.last_seq < newest) {
      throw new Error(`the stream ends at sequence ${state.last_seq}, but ${newest} was already received`);
    }
    return { epoch, first: state.first_seq, last: state.last_seq };
  }
}
