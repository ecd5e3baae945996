/** WatchedStream: compares a stream with what is known of it, and creates it again if it is missing. */

import type { StreamInfo } from "@nats-io/jetstream";
import { isApiError, STREAM_NOT_FOUND } from "./api_error.ts";
import { KnownStream, type StreamChange } from "./known_stream.ts";
import type { NatsLink } from "./link.ts";
import type { StreamLoss } from "./stream_loss.ts";
import { requireConfig, type RequiredStreamConfig, tryEnsureStream } from "./streams.ts";

export interface WatchedStreamOptions {
  readonly config: RequiredStreamConfig;
  /** Called when something that was stored is lost. */
  onLoss(loss: StreamLoss): void;
}

/** What a look at a stream found out. */
export interface StreamLook {
  readonly info: StreamInfo;
  readonly change: StreamChange | "missing";
}

export class WatchedStream {
  readonly #link: NatsLink;
  readonly #options: WatchedStreamOptions;
  readonly #known: KnownStream;
  #isMissing = false;

  constructor(link: NatsLink, info: StreamInfo, options: WatchedStreamOptions) {
    this.#link = link;
    this.#options = options;
    this.#known = new KnownStream(info);
  }

  /**
   * Looks at the stream. Losses are reported before it resolves, and found again by each look until `accept`.
   *
   * @throws {StreamMismatchError} if somebody else has replaced the stream by one with another configuration
   */
  async look(): Promise<StreamLook> {
    const { config, onLoss } = this.#options;
    const { info, isNew } = await this.#find();
    const change = isNew ? "missing" : this.#known.compare(info);
    if (change === "replaced") requireConfig(info, config);
    if (change !== "none" && change !== "behind") onLoss({ stream: config.name, reason: change });
    if (isNew) this.#known.accept(info);
    return { info, change };
  }

  /** Takes what a look found out as known. Call this when everything is done that follows from it. */
  accept({ info }: StreamLook): void {
    this.#known.accept(info);
  }

  /**
   * NATS announces a deletion before it is done, and a stream that is created in between cannot be written to (2.9.10). So
   * a stream is created only if two looks in a row find it missing.
   */
  async #find(): Promise<{ info: StreamInfo; isNew: boolean }> {
    const { config } = this.#options;
    try {
      const info = await this.#link.manager.streams.info(config.name);
      this.#isMissing = false;
      return { info, isNew: false };
    } catch (error) {
      if (!isApiError(error, STREAM_NOT_FOUND)) throw error;
    }
    if (!this.#isMissing) {
      this.#isMissing = true;
      throw new Error(`the stream ${config.name} is missing`);
    }
    const ensured = await tryEnsureStream(this.#link, config);
    this.#isMissing = false;
    return ensured;
  }
}
