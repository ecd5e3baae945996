/** PushStreamWatch: looks every second whether the stream of the push subscriptions is there, and how much it holds. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { NatsLink } from "../../nats/link.ts";
import { plainMessage } from "../../nats/plain_message.ts";
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
  readonly #link: NatsLink;
  readonly #report: PushStreamWatchOptions["report"];
  readonly #stream: WatchedStream;
  readonly #timer: ReturnType<typeof setInterval>;
  #looking: Promise<void> | undefined;
  #failure = "";
  #isClosed = false;

  constructor(link: NatsLink, info: StreamInfo, options: PushStreamWatchOptions) {
    this.#link = link;
    this.#report = options.report;
    this.room = new StreamRoom(options.maxBytes);
    this.room.update(info.state);
    this.#stream = new WatchedStream(link, info, { ...options, config: pushStreamConfig(options) });
    this.#timer = setInterval(() => this.#start(), options.everyMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  #start(): void {
    if (this.#link.isUp) this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  async #look(): Promise<void> {
    try {
      const look = await this.#stream.look();
      if (look.change !== "behind") this.#stream.accept(look);
      this.room.update(look.info.state);
      this.#failure = "";
    } catch (error) {
      this.#reportOnce(plainMessage(error));
    }
  }

  #reportOnce(failure: string): void {
    if (failure === this.#failure || this.#isClosed) return;
    this.#failure = failure;
    this.#report(new Error(`the push subscriptions in NATS cannot be used: ${failure}`));
  }
}
