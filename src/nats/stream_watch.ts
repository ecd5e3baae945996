/** StreamWatch: looks every second whether a stream is there, and how much it holds. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { NatsLink } from "./link.ts";
import { Polling } from "./polling.ts";
import type { StreamLoss } from "./stream_loss.ts";
import { StreamRoom } from "./stream_room.ts";
import type { RequiredStreamConfig } from "./streams.ts";
import { WatchedStream } from "./watched_stream.ts";

export interface StreamWatchOptions {
  readonly config: RequiredStreamConfig;
  /** The most that the nodes store in it, in bytes. */
  readonly maxBytes: number;
  readonly everyMs: number;
  /** What is stored in the stream, such as `push subscriptions`. */
  readonly contents: string;
  onLoss(loss: StreamLoss): void;
  report(error: unknown): void;
}

/** For nodes that remember nothing else of the stream, so a loss is only reported, and the stream created again. */
export class StreamWatch {
  readonly room: StreamRoom;
  readonly #stream: WatchedStream;
  readonly #polling: Polling;

  constructor(link: NatsLink, info: StreamInfo, options: StreamWatchOptions) {
    this.room = new StreamRoom(options.maxBytes);
    this.room.update(info.state);
    this.#stream = new WatchedStream(link, info, options);
    this.#polling = new Polling(link, {
      everyMs: options.everyMs,
      poll: () => this.#look(),
      onFailure: (reason) =>
        options.report(new Error(`the ${options.contents} in NATS cannot be used: ${reason}`)),
    });
  }

  async close(): Promise<void> {
    await this.#polling.close();
  }

  async #look(): Promise<void> {
    const look = await this.#stream.look();
    if (look.change !== "behind") this.#stream.accept(look);
    this.room.update(look.info.state);
  }
}
