/** PushStreamWatch: looks every second whether the stream of the push subscriptions is there, and how much it holds. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { NatsLink } from "../../nats/link.ts";
import { Polling } from "../../nats/polling.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { StreamRoom } from "../../nats/stream_room.ts";
import { WatchedStream } from "../../nats/watched_stream.ts";
import { pushStreamConfig, type PushStreamOptions } from "./push_stream.ts";

export interface PushStreamWatchOptions extends PushStreamOptions {
  readonly everyMs: number;
  onLoss(loss: StreamLoss): void;
  report(error: unknown): void;
}

/** Nodes remember nothing else of the stream, so a loss is only reported, and the stream created again. */
export class PushStreamWatch {
  readonly room: StreamRoom;
  readonly #stream: WatchedStream;
  readonly #polling: Polling;

  constructor(link: NatsLink, info: StreamInfo, options: PushStreamWatchOptions) {
    this.room = new StreamRoom(options.maxBytes);
    this.room.update(info.state);
    this.#stream = new WatchedStream(link, info, { ...options, config: pushStreamConfig(options) });
    this.#polling = new Polling(link, {
      everyMs: options.everyMs,
      poll: () => this.#look(),
      onFailure: (reason) =>
        options.report(new Error(`the push subscriptions in NATS cannot be used: ${reason}`)),
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
