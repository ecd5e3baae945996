/** PushStreamWatch: looks every second whether the stream of the push subscriptions is there, and how much it holds. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { NatsLink } from "../../nats/link.ts";
import { plainMessage } from "../../nats/plain_message.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { WatchedStream } from "../../nats/watched_stream.ts";
import { pushStreamConfig, type PushStreamOptions } from "./push_stream.ts";

export interface PushStreamWatchOptions extends PushStreamOptions {
  readonly everyMs: number;
  onLoss(loss: StreamLoss): void;
  report(error: unknown): void;
}

/** Nodes remember nothing else of the stream, so a loss is only reported, and the stream created again. */
export class PushStreamWatch {
  readonly #link: NatsLink;
  readonly #report: PushStreamWatchOptions["report"];
  readonly #stream: WatchedStream;
  readonly #maxBytes: number;
  #bytes: number; // that the stream holds, as far as is known
  readonly #timer: ReturnType<typeof setInterval>;
  #looking: Promise<void> | undefined;
  #failure = "";
  #isClosed = false;

  constructor(link: NatsLink, info: StreamInfo, options: PushStreamWatchOptions) {
    this.#link = link;
    this.#report = options.report;
    this.#maxBytes = options.maxBytes;
    this.#bytes = info.state.bytes;
    this.#stream = new WatchedStream(link, info, { ...options, config: pushStreamConfig(options) });
    this.#timer = setInterval(() => this.#start(), options.everyMs);
  }

  /** False if the stream holds as much as it may. What other nodes have added since the last look is not known yet. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#maxBytes;
  }

  /** Call this when something is added. The next look finds it. */
  noteAdded(bytes: number): void {
    this.#bytes += bytes;
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
      this.#bytes = look.info.state.bytes;
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
