/** StreamFollower: reads every second what is new in the stream of the schedule, and notices if the stream has lost some. */

import type { StreamInfo } from "@nats-io/jetstream";
import { EphemeralConsumers } from "../../nats/ephemeral_consumers.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import type { NatsLink } from "../../nats/link.ts";
import { nextMessage } from "../../nats/next_message.ts";
import { Polling } from "../../nats/polling.ts";
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
  readonly #polling: Polling;
  #next = 1; // the sequence number of the first message that is not read yet

  constructor(link: NatsLink, info: StreamInfo, options: StreamFollowerOptions) {
    this.#link = link;
    this.#options = options;
    this.#consumers = new EphemeralConsumers(link);
    this.#stream = new WatchedStream(link, info, { ...options, config: scheduleConfig(options) });
    this.#polling = new Polling(link, {
      everyMs: options.everyMs,
      poll: () => this.#read(),
      onFailure: (reason) => options.report(new Error(`the schedule in NATS cannot be read: ${reason}`)),
    });
    void this.#polling.poll();
  }

  async close(): Promise<void> {
    await this.#polling.close();
  }

  async #read(): Promise<void> {
    const look = await this.#stream.look();
    if (look.change === "behind") return;
    if (look.change !== "none") this.#reset();
    await this.#readThrough(look.info.state.last_seq);
    this.#stream.accept(look);
  }

  #reset(): void {
    this.#next = 1;
    this.#options.onReset();
  }

  async #readThrough(last: number): Promise<void> {
    const stream = scheduleStream(this.#options.stream), subject = allRecords(this.#options.stream);
    while (this.#next <= last && !this.#polling.isClosed) {
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
      if (this.#polling.isClosed) return;
    }
  }

  #take(message: RecordMessage | undefined): void {
    if (message !== undefined) this.#options.onMessage(message);
  }
}
