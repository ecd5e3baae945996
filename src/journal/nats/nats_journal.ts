/** The NATS journal: a JetStream stream stores the notifications and carries each only to the nodes that need it. */

import { Semaphore } from "../../async/semaphore.ts";
import { SharedRequests } from "../../async/shared_requests.ts";
import { isNoResponders } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { plainCause, plainMessage } from "../../nats/plain_message.ts";
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
import type { JournalStats } from "../journal_stats.ts";
import type { InboxPage, MarkReceipt, ReadChange } from "../read.ts";
import { Damage } from "../../nats/damage.ts";
import { epochOf } from "../../nats/epoch.ts";
import { LossMarker } from "./loss_marker.ts";
import { Interest, type PresenceListener } from "./interest.ts";
import { JournalStreams } from "./journal_streams.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { RecentMessages } from "./recent_messages.ts";
import { RetentionMarkers } from "./retention_markers.ts";
import type { StampedNumber } from "./stamp.ts";
import { StampReader } from "./stamp_reader.ts";
import { Fences } from "./fences.ts";
import { HistoryReader } from "./history_reader.ts";
import { InboxReader } from "./inbox_reader.ts";
import { MarkWriter } from "./mark_writer.ts";
import { Past, type StreamRange } from "./past.ts";
import { Publisher } from "./publisher.ts";
import { SubjectReader } from "./subject_reader.ts";
import { ensureStreams, topicsStream } from "./streams.ts";
import { TargetEraser } from "./target_eraser.ts";
import { TargetReader } from "./target_reader.ts";
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
  /** Called when something that was stored is lost. */
  readonly onLoss: (loss: StreamLoss) => void;
  /** Called with the number of each message that turned out to be damaged. It is skipped. */
  readonly onDamage: (sequence: number) => void;
  /** Called with messages of other nodes about a target that is followed here. */
  readonly onPresence: PresenceListener;
  readonly report: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * How many reads ask NATS at the same time. When thousands of tabs resume, the others wait: the first ones are served in
 * full before, instead of all at the end, and what waits for an answer does not fill the memory.
 */
const MAX_READS = 64;

/**
 * Each node subscribes to the targets that have connections there, and NATS forwards a notification to all of these
 * nodes and to no others. A subscription may lose messages. Each message names the one before it, so a gap shows with
 * the next message; if the last message was lost, a scan of the stream finds it after the connection has come back.
 */
export class NatsJournal implements Journal {
  readonly #link: NatsLink;
  readonly #now: () => number;
  readonly #streams: JournalStreams;
  readonly #topics: Topics;
  readonly #monitor: StreamMonitor;
  readonly #interest: Interest;
  readonly #publisher: Publisher;
  readonly #history: HistoryReader;
  readonly #inboxes: InboxReader;
  readonly #marks: MarkWriter;
  readonly #eraser: TargetEraser;
  readonly #loss: LossMarker;
  readonly #listening: Disposable;
  readonly #reads = new Semaphore(MAX_READS);
  #closed = false;

  private constructor(link: NatsLink, { feed, streams, options }: {
    feed: Feed;
    streams: JournalStreams;
    options: NatsJournalOptions;
  }) {
    const { stream, retention, now = Date.now } = options;
    const { seconds: retentionSeconds, perTarget } = retention;
    const epoch = () => streams.epoch;
    const ranges = new SharedRequests<StreamRange>(); // thousands of tabs may resume at the same time
    const range = () => ranges.ask("", () => this.#range(stream));
    const head = async () => (await link.rejectOnDisconnect(range)).last;
    const recent = new RecentMessages(), damage = new Damage(options.onDamage);
    const stamps = new StampReader(link, stream), fences = new Fences(link, stream);
    const loss = this.#loss = new LossMarker(link, stream);
    const stampAt = (sequence: number) => stamps.at(sequence);
    const onMarker = (marker: StampedNumber) => recent.addMarker(marker);
    const markers = new RetentionMarkers(link, { stream, retention, stampAt, onMarker });
    const barrier = () => link.rejectOnDisconnect(() => markers.publish(now())).then(head);
    const renewMs = retentionSeconds * 1000, room = streams.topicsRoom;
    const topics = new Topics(link, { stream, max: perTarget, renewMs, head, epoch, room });
    const reader = new SubjectReader(link, { stream, perTarget, retentionSeconds, epoch, damage });
    const onDisorder = () => this.#monitor.restartCheck();
    const interestOptions = { ...options, retentionSeconds, epoch, barrier, recent, damage, onDisorder };
    this.#link = link;
    this.#now = now;
    this.#streams = streams;
    this.#topics = topics;
    this.#interest = new Interest(link, feed, interestOptions);
    const newest = () => Math.max(this.#interest.newest, recent.newest);
    this.#monitor = new StreamMonitor(link, { streams, stamps, recent, newest }, {
      ...options,
      intervalMs: options.checkMs,
      onSuspend: () => this.#interest.suspend(),
      onMessage: (message) => this.#interest.checkReceived(message),
      onTopicsLost: () => topics.recordLoss(),
      onRestart: async (head, { isLost }) => {
        for (const memory of [recent, stamps, fences, loss, markers, this.#marks]) memory.forget();
        this.#interest.restart(head);
        await markers.publish(now()); // by this marker, a later change of the history is recognised
        if (isLost) await loss.publish(now());
      },
      onResume: () => this.#interest.resume(),
    });
    // While the connection is down, the store may be rolled back.
    this.#listening = link.addListener({
      onDown: () => [stamps, fences, loss, markers, this.#marks].forEach((memory) => memory.forget()),
    });
    this.#publisher = new Publisher(link, { stream, retention, topics, markers, epoch, stampAt });
    this.#eraser = new TargetEraser(link, { stream, topics, markers });
    const entries = new TargetReader(reader, topics), past = new Past(stamps, fences);
    this.#history = new HistoryReader({ entries, past, stamps, loss, range, now });
    this.#inboxes = new InboxReader({ entries, past, stamps, range, now });
    this.#marks = new MarkWriter(link, { stream, retention, entries, past, markers, range, now });
  }

  /**
   * Opens the journal, and creates the streams if they do not exist. The link remains the caller's.
   *
   * @throws {StreamMismatchError} if a stream of this name exists with another configuration
   */
  static async open(link: NatsLink, feed: Feed, options: NatsJournalOptions): Promise<NatsJournal> {
    const lost = await ensureStreams(link, options);
    const streams = await retryUntilReady(() => JournalStreams.open(link, options));
    const journal = new NatsJournal(link, { feed, streams, options });
    try {
      await retryUntilReady(
        () => journal.#interest.follow(null),
        (error) => isUnready(error) || isNoResponders(error),
      );
      await journal.#noteLosses(lost, options);
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
    return this.#reads.run(() => this.#request(() => this.#history.read(target, after, limit)));
  }

  mark(target: string, change: ReadChange): Promise<MarkReceipt> {
    return this.#request(() => this.#marks.mark(target, change));
  }

  inbox(target: string, before: Position | null, limit: PageLimit): Promise<InboxPage> {
    return this.#request(() => this.#inboxes.read(target, before, limit));
  }

  forget(target: string): Promise<void> {
    return this.#request(() => this.#eraser.erase(target, this.#now()));
  }

  stats(): JournalStats {
    return this.#streams.stats;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listening[Symbol.dispose]();
    this.#interest.close();
    this.#loss[Symbol.dispose]();
    await this.#monitor.close();
  }

  async #request<T>(request: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new UnavailableError("the journal is closed");
    if (!this.#link.isUp) throw new UnavailableError("NATS cannot be reached");
    const { mismatch } = this.#monitor;
    if (mismatch !== undefined) throw new UnavailableError(mismatch.message);
    try {
      return await this.#link.rejectOnDisconnect(request);
    } catch (cause) {
      throw new UnavailableError(`the request to NATS failed: ${plainMessage(cause)}`, plainCause(cause));
    }
  }

  /** Of the streams that a node finds missing when it starts. */
  async #noteLosses(lost: readonly string[], { stream, onLoss }: NatsJournalOptions): Promise<void> {
    if (lost.includes(topicsStream(stream))) await retryUntilReady(() => this.#topics.recordLoss());
    for (const name of lost) onLoss({ stream: name, reason: "missing" });
  }

  /** A leader that was just elected may not have stored yet what its predecessor has sent. */
  async #range(stream: string): Promise<StreamRange> {
    const { newest } = this.#interest;
    const { created, state } = await this.#link.manager.streams.info(stream);
    const epoch = epochOf(created);
    if (epoch === this.#streams.epoch && state.last_seq < newest) {
      throw new Error(`the stream ends at sequence ${state.last_seq}, but ${newest} was already received`);
    }
    return { epoch, first: state.first_seq, last: state.last_seq };
  }
}
