/** StreamFollower: reads every second what is new in the stream of the schedule, and notices if the stream has lost some. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import type { NatsLink } from "../../nats/link.ts";
import { Polling } from "../../nats/polling.ts";
import { StreamCursor } from "../../nats/stream_cursor.ts";
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

export class StreamFollower {
  readonly #options: StreamFollowerOptions;
  readonly #cursor: StreamCursor;
  readonly #stream: WatchedStream;
  readonly #polling: Polling;

  constructor(link: NatsLink, info: StreamInfo, options: StreamFollowerOptions) {
    this.#options = options;
    this.#cursor = new StreamCursor(link, {
      stream: scheduleStream(options.stream),
      subject: allRecords(options.stream),
      headersOnly: true,
      onMessage: (message) => this.#take(parseMessage(message)),
      isClosed: () => this.#polling.isClosed,
    });
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
    await this.#cursor.readThrough(look.info.state.last_seq);
    this.#stream.accept(look);
  }

  #reset(): void {
    this.#cursor.restart();
    this.#options.onReset();
  }

  #take(message: RecordMessage | undefined): void {
    if (message !== undefined) this.#options.onMessage(message);
  }
}
