/** StreamFollower: reads every second what is new in the stream of the schedule, and notices if the stream has lost some. */

import type { StreamInfo } from "@nats-io/jetstream";
import { EphemeralConsumers } from "../../nats/ephemeral_consumers.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { KnownStream } from "../../nats/known_stream.ts";
import { isApiError, STREAM_NOT_FOUND } from "../../nats/api_error.ts";
import type { NatsLink } from "../../nats/link.ts";
import { nextMessage } from "../../nats/next_message.ts";
import { plainMessage } from "../../nats/plain_message.ts";
import { requireConfig, tryEnsureStream } from "../../nats/streams.ts";
import { parseMessage, type RecordMessage } from "./record_message.ts";
import { allRecords, scheduleConfig, scheduleStream, type ScheduleStreamOptions } from "./schedule_stream.ts";

export interface StreamFollowerOptions extends ScheduleStreamOptions {
  readonly everyMs: number;
  onMessage(message: RecordMessage): void;
  /** Nothing of what was read before counts any more. All messages follow. */
  onReset(): void;
  /** Called when something that was stored is lost. */
  onLoss(loss: StreamLoss): void;
  report(error: unknown): void;
}

const SINGLE_READS = 8; // a single read takes 0.2 ms; a consumer takes 3 ms until its first message

export class StreamFollower {
  readonly #link: NatsLink;
  readonly #options: StreamFollowerOptions;
  readonly #consumers: EphemeralConsumers;
  readonly #known: KnownStream;
  readonly #timer: ReturnType<typeof setInterval>;
  #next = 1; // the sequence number of the first message that is not read yet
  #polling: Promise<void> | undefined;
  #isMissing = false;
  #failure = "";
  #isClosed = false;

  constructor(link: NatsLink, info: StreamInfo, options: StreamFollowerOptions) {
    this.#link = link;
    this.#options = options;
    this.#consumers = new EphemeralConsumers(link);
    this.#known = new KnownStream(info);
    this.#timer = setInterval(() => void this.poll(), options.everyMs);
    void this.poll();
  }

  /** Resolves when everything that was stored before the call is read, or that has failed. */
  async poll(): Promise<void> {
    if (!this.#link.isUp || this.#isClosed) return;
    await (this.#polling ??= this.#poll().finally(() => this.#polling = undefined));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#polling;
  }

  async #poll(): Promise<void> {
    try {
      const info = await this.#find();
      const change = this.#known.compare(info);
      if (change === "behind") return;
      if (change === "replaced") requireConfig(info, scheduleConfig(this.#options));
      if (change !== "none") this.#reset(change);
      await this.#readThrough(info.state.last_seq);
      this.#known.accept(info);
      this.#failure = "";
    } catch (error) {
      this.#reportOnce(plainMessage(error));
    }
  }

  /** A stream is created again only if two looks in a row find it missing, as those of the journal are. */
  async #find(): Promise<StreamInfo> {
    const { stream } = this.#options, name = scheduleStream(stream);
    try {
      const info = await this.#link.manager.streams.info(name);
      this.#isMissing = false;
      return info;
    } catch (error) {
      if (!isApiError(error, STREAM_NOT_FOUND)) throw error;
    }
    if (!this.#isMissing) {
      this.#isMissing = true;
      throw new Error(`the stream ${name} is missing`);
    }
    const { info, isNew } = await tryEnsureStream(this.#link, scheduleConfig(this.#options));
    this.#isMissing = false;
    if (isNew) {
      this.#known.accept(info);
      this.#reset("missing");
    }
    return info;
  }

  #reset(reason: StreamLoss["reason"]): void {
    this.#options.onLoss({ stream: scheduleStream(this.#options.stream), reason });
    this.#next = 1;
    this.#options.onReset();
  }

  async #readThrough(last: number): Promise<void> {
    const stream = scheduleStream(this.#options.stream), subject = allRecords(this.#options.stream);
    while (this.#next <= last && !this.#isClosed) {
      for (let count = 0; count < SINGLE_READS && this.#next <= last; count++) {
        const stored = await nextMessage(this.#link, { stream, subject, from: this.#next });
        if (stored !== null) this.#take(parseMessage(stored));
        this.#next = stored === null ? last + 1 : stored.seq + 1;
      }
      if (this.#next <= last) await this.#readMany({ stream, subject });
    }
  }

  /** Reads without contents, and nothing if no consumer is available at the moment. */
  async #readMany({ stream, subject }: { stream: string; subject: string }): Promise<void> {
    await using consumer = await this.#consumers.open({
      stream,
      subject,
      from: this.#next,
      headersOnly: true,
    });
    if (consumer === null) return;
    for await (const { subject, seq, headers: header } of consumer.messages()) {
      this.#take(parseMessage({ subject, seq, header }));
      this.#next = seq + 1;
      if (this.#isClosed) return;
    }
  }

  #take(message: RecordMessage | undefined): void {
    if (message !== undefined) this.#options.onMessage(message);
  }

  #reportOnce(failure: string): void {
    if (failure === this.#failure || this.#isClosed) return;
    this.#failure = failure;
    this.#options.report(new Error(`the schedule in NATS cannot be read: ${failure}`));
  }
}
