/** StreamFollower: reads every second what is new in the stream of the schedule, and notices if the stream has lost some. */

import type { StreamInfo } from "@nats-io/jetstream";
import { EphemeralConsumers } from "../../nats/ephemeral_consumers.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import type { NatsLink } from "../../nats/link.ts";
import { nextMessage } from "../../nats/next_message.ts";
import { plainMessage } from "../../nats/plain_message.ts";
import { WatchedStream } from "../../nats/watched_stream.ts";
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
  readonly #stream: WatchedStream;
  readonly #timer: ReturnType<typeof setInterval>;
  #next = 1; // the sequence number of the first message that is not read yet
  #polling: Promise<void> | undefined;
  #failure = "";
  #isClosed = false;

  constructor(link: NatsLink, info: StreamInfo, options: StreamFollowerOptions) {
    this.#link = link;
    this.#options = options;
    this.#consumers = new EphemeralConsumers(link);
    this.#stream = new WatchedStream(link, info, { ...options, config: scheduleConfig(options) });
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
      const look = await this.#stream.look();
      if (look.change === "behind") return;
      if (look.change !== "none") this.#reset();
      await this.#readThrough(look.info.state.last_seq);
      this.#stream.accept(look);
      this.#failure = "";
    } catch (error) {
      this.#reportOnce(plainMessage(error));
    }
  }

  #reset(): void {
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
