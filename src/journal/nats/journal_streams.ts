/** The three streams of the journal: compares them with what is known, and creates those that are missing again. */

import type { StreamInfo } from "@nats-io/jetstream";
import { isApiError, STREAM_NOT_FOUND } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { requireConfig, type RequiredStreamConfig, tryEnsureStream } from "../../nats/streams.ts";
import { KnownStream } from "../../nats/known_stream.ts";
import { StreamRoom } from "../../nats/stream_room.ts";
import { journalStreams, type NatsStreamsOptions, topicsLimit } from "./streams.ts";
import type { JournalStats } from "../journal_stats.ts";
import { StreamStats } from "./stream_stats.ts";

export interface JournalStreamsOptions extends NatsStreamsOptions {
  /** Called with each loss, for the log. */
  onLoss(loss: StreamLoss): void;
}

/** What a check found out about one stream. `behind`: its leader may lag behind. `lost`: something that it held is lost. */
export interface StreamCheck {
  readonly info: StreamInfo;
  readonly state: "same" | "behind" | "lost";
}

/** What a check found out about the streams of the notifications, the ids and the topics. */
export interface StreamsCheck {
  readonly entries: StreamCheck;
  readonly ids: StreamCheck;
  readonly topics: StreamCheck;
  /** True if the stream of the notifications has another leader than before. */
  readonly hasOtherLeader: boolean;
}

interface ConfiguredStream {
  readonly config: RequiredStreamConfig;
  readonly known: KnownStream;
}

export class JournalStreams {
  /** Updated by each check. */
  readonly topicsRoom: StreamRoom;
  readonly #link: NatsLink;
  readonly #onLoss: JournalStreamsOptions["onLoss"];
  readonly #entries: ConfiguredStream;
  readonly #ids: ConfiguredStream;
  readonly #topics: ConfiguredStream;
  readonly #stats: StreamStats;
  readonly #missing = new Set<string>(); // the names of streams that the last check did not find
  readonly #losses = new Map<string, StreamLoss>(); // by stream; those that are not accepted yet

  private constructor(
    link: NatsLink,
    { infos: [entries, ids, topics], options }: {
      infos: readonly [StreamInfo, StreamInfo, StreamInfo];
      options: JournalStreamsOptions;
    },
  ) {
    const [entriesConfig, idsConfig, topicsConfig] = journalStreams(options);
    this.#link = link;
    this.#onLoss = options.onLoss;
    this.#entries = { config: entriesConfig, known: new KnownStream(entries) };
    this.#ids = { config: idsConfig, known: new KnownStream(ids) };
    this.#topics = { config: topicsConfig, known: new KnownStream(topics) };
    this.topicsRoom = new StreamRoom(topicsLimit(options.retention));
    this.topicsRoom.update(topics.state);
    this.#stats = new StreamStats(entries);
  }

  /** Resolves when all streams answer, which must exist. */
  static async open(link: NatsLink, options: JournalStreamsOptions): Promise<JournalStreams> {
    const [entries, ids, topics] = journalStreams(options);
    const infoOf = ({ name }: RequiredStreamConfig) => link.manager.streams.info(name);
    const infos = await Promise.all([infoOf(entries), infoOf(ids), infoOf(topics)]);
    return new JournalStreams(link, { infos, options });
  }

  /** The epoch of the stream of the notifications, as it is known. */
  get epoch(): string {
    return this.#entries.known.epoch;
  }

  /** What the stream of the notifications keeps, as it is known. It includes the journal's markers. */
  get stats(): JournalStats {
    return this.#stats.current;
  }

  /** The last sequence number of the stream of the notifications, as it is known. */
  get head(): number {
    return this.#entries.known.last;
  }

  /**
   * Asks for all streams, because the journal needs all of them. A stream that is missing is created again.
   *
   * @param newest the highest sequence number of a notification that was seen outside of the checks
   * @throws {StreamMismatchError} if somebody else has replaced a stream by one with another configuration
   */
  async check(newest: number): Promise<StreamsCheck> {
    const infos = [this.#find(this.#entries), this.#find(this.#ids), this.#find(this.#topics)] as const;
    const [entries, ids, topics] = await Promise.all(infos);
    this.topicsRoom.update(topics.state);
    return {
      entries: this.#compare(this.#entries, entries, newest),
      ids: this.#compare(this.#ids, ids),
      topics: this.#compare(this.#topics, topics),
      hasOtherLeader: this.#entries.known.hasOtherLeader(entries),
    };
  }

  /** Takes what a check found out as known. Call this when everything is done that follows from it. */
  accept({ entries, ids, topics }: StreamsCheck): void {
    this.#accept(this.#entries, entries);
    this.#stats.update(entries.info);
    this.#accept(this.#ids, ids);
    this.#accept(this.#topics, topics);
  }

  /** Call this when the messages of the stream of the notifications show that it was rolled back. */
  noteRollback(): void {
    this.#noteLoss(this.#entries, "rolled back");
  }

  #accept({ config: { name }, known }: ConfiguredStream, { info, state }: StreamCheck): void {
    if (state === "behind") return;
    const loss = this.#losses.get(name);
    if (loss !== undefined) this.#onLoss(loss);
    this.#losses.delete(name);
    known.accept(info);
  }

  /**
   * A loss is found again by each check until it is accepted. An operator may edit a stream while nodes run, but a stream
   * that is another one has to be as required.
   */
  #compare(stream: ConfiguredStream, info: StreamInfo, newest?: number): StreamCheck {
    const { config, known } = stream;
    const change = known.compare(info, newest);
    const isReplaced = change === "replaced" || this.#losses.get(config.name)?.reason === "missing";
    if (isReplaced) requireConfig(info, config);
    if (change === "replaced" || change === "rolled back") this.#noteLoss(stream, change);
    const state = change === "behind" ? change : "same";
    return { info, state: this.#losses.has(config.name) ? "lost" : state };
  }

  #noteLoss({ config: { name: stream } }: ConfiguredStream, reason: StreamLoss["reason"]): void {
    if (!this.#losses.has(stream)) this.#losses.set(stream, { stream, reason });
  }

  /**
   * NATS announces a deletion before it is done, and a stream that is created in between cannot be written to (2.9.10). So
   * a stream is created only if two checks in a row find it missing.
   */
  async #find({ config }: ConfiguredStream): Promise<StreamInfo> {
    const { name } = config;
    try {
      const info = await this.#link.manager.streams.info(name);
      this.#missing.delete(name);
      return info;
    } catch (error) {
      if (!isApiError(error, STREAM_NOT_FOUND)) throw error;
    }
    if (!this.#missing.has(name)) {
      this.#missing.add(name);
      throw new Error(`the stream ${name} is missing`);
    }
    const { info, isNew } = await tryEnsureStream(this.#link, config);
    this.#missing.delete(name);
    if (isNew) this.#losses.set(name, { stream: name, reason: "missing" });
    return info;
  }
}
