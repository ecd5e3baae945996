/** RevocationFollower: learns of all revocations in the stream, and knows whether it may lack some. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { Subscription } from "@nats-io/nats-core";
import { Damage } from "../../nats/damage.ts";
import type { NatsLink } from "../../nats/link.ts";
import { Polling } from "../../nats/polling.ts";
import { retryUntilReady } from "../../nats/retry_until_ready.ts";
import { StreamCursor } from "../../nats/stream_cursor.ts";
import type { StreamMessage } from "../../nats/stream_messages.ts";
import type { StreamLoss } from "../../nats/stream_loss.ts";
import { StreamRoom } from "../../nats/stream_room.ts";
import { WatchedStream } from "../../nats/watched_stream.ts";
import { keyOf } from "../revocation_index.ts";
import type { Revocation } from "../revocations.ts";
import {
  allRevocations,
  parseRevocation,
  revocationStream,
  revocationStreamConfig,
  type RevocationStreamOptions,
} from "./revocation_stream.ts";

export interface RevocationFollowerOptions extends RevocationStreamOptions {
  /** The interval between looks at the stream. */
  readonly everyMs: number;
  /** Called with each revocation that is read or received. The sequence number is 0 if it is not known. */
  onRevocation(revocation: Revocation, sequence: number): void;
  /** What this node knows. */
  known(): Iterable<Revocation>;
  /** Stores a revocation that the stream has lost. */
  restore(revocation: Revocation): Promise<void>;
  /** Called when something that was stored is lost. */
  onLoss(loss: StreamLoss): void;
  /** Called with the number of a message that no node has stored. */
  onDamage(sequence: number): void;
  report(error: unknown): void;
}

/**
 * A message reaches all nodes that are connected at once, and what is missed is read at the next look. While looks fail,
 * other nodes may revoke what this node does not learn of.
 */
export class RevocationFollower {
  readonly room: StreamRoom;
  readonly #link: NatsLink;
  readonly #options: RevocationFollowerOptions;
  readonly #stream: WatchedStream;
  readonly #cursor: StreamCursor;
  readonly #damage: Damage;
  readonly #polling: Polling;
  readonly #listening: Disposable;
  readonly #subscription: Subscription;
  #readAgain: Set<string> | undefined; // the keys that were read since the stream was lost, until all that is lost is stored
  #isCurrent = false;
  #interruptions = 0; // a look is valid only if this count does not change during it

  constructor(link: NatsLink, info: StreamInfo, options: RevocationFollowerOptions) {
    this.#link = link;
    this.#options = options;
    this.room = new StreamRoom(options.maxBytes);
    this.#damage = new Damage(options.onDamage);
    this.#stream = new WatchedStream(link, info, { ...options, config: revocationStreamConfig(options) });
    const subject = allRevocations(options.stream);
    this.#cursor = new StreamCursor(link, {
      stream: revocationStream(options.stream),
      subject,
      onMessage: (message) => this.#take(message),
      isClosed: () => this.#polling.isClosed,
    });
    this.#polling = new Polling(link, {
      everyMs: options.everyMs,
      poll: () => this.#look(),
      onFailure: (reason) => options.report(new Error(`the revocations in NATS cannot be read: ${reason}`)),
    });
    this.#listening = link.addListener({
      onDown: () => this.#interrupt(),
      onUp: () => void this.#polling.poll(),
    });
    this.#subscription = link.connection.subscribe(subject, {
      callback: (error, message) => {
        const revocation = error === null ? parseRevocation(message.string()) : undefined;
        if (revocation !== undefined) options.onRevocation(revocation, 0);
      },
    });
  }

  /** False while the stream may have revocations that this node does not know. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** Resolves when everything was read for the first time. */
  async ready(): Promise<void> {
    await retryUntilReady(() => this.#look());
  }

  /** Looks at the stream now. Never rejects. */
  async look(): Promise<void> {
    await this.#polling.poll();
  }

  async close(): Promise<void> {
    this.#listening[Symbol.dispose]();
    if (!this.#link.connection.isClosed()) this.#subscription.unsubscribe();
    await this.#polling.close();
  }

  #interrupt(): void {
    this.#isCurrent = false;
    this.#interruptions++;
  }

  async #look(): Promise<void> {
    const interruptions = this.#interruptions;
    try {
      await this.#link.rejectOnDisconnect(() => this.#readNew());
      if (interruptions === this.#interruptions) this.#isCurrent = true;
    } catch (error) {
      this.#interrupt();
      throw error;
    }
  }

  async #readNew(): Promise<void> {
    const look = await this.#stream.look();
    if (look.change === "behind") {
      throw new Error("the leader of the stream lacks messages that it had before");
    }
    const isLost = look.change !== "none";
    if (isLost) {
      this.#cursor.restart();
      this.#readAgain = new Set();
    }
    await this.#cursor.readThrough(look.info.state.last_seq);
    if (this.#readAgain !== undefined) await this.#restore(this.#readAgain);
    this.#readAgain = undefined;
    this.#stream.accept(look);
    this.room.update(look.info.state);
  }

  /** Nodes go on to know what the stream has lost. */
  async #restore(read: ReadonlySet<string>): Promise<void> {
    for (const revocation of [...this.#options.known()]) {
      if (!read.has(keyOf(revocation))) await this.#options.restore(revocation);
    }
  }

  #take({ seq, data }: StreamMessage): void {
    const revocation = parseRevocation(new TextDecoder().decode(data));
    if (revocation === undefined) return this.#damage.note(seq);
    this.#readAgain?.add(keyOf(revocation));
    this.#options.onRevocation(revocation, seq);
  }
}
