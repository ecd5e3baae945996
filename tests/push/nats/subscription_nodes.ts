/** Nodes with the subscriptions of one service in NATS, for tests. */

import { assert } from "@std/assert";
import type { NatsLink } from "../../../src/nats/link.ts";
import {
  NatsSubscriptions,
  type NatsSubscriptionsOptions,
} from "../../../src/push/nats/nats_subscriptions.ts";
import { looked } from "../../nats/stream_look.ts";
import type { NatsServer } from "../../nats/nats_server.ts";

export const STREAM = "tidings-push";

export class SubscriptionNodes implements AsyncDisposable {
  readonly losses: string[] = [];
  readonly damaged: number[] = [];
  readonly reported: string[] = [];
  readonly #opened: { readonly subscriptions: NatsSubscriptions; readonly link: NatsLink }[] = [];

  /** Opens one more node, which is connected to this server. */
  async open(
    server: NatsServer,
    options: Partial<NatsSubscriptionsOptions> = {},
  ): Promise<NatsSubscriptions> {
    const link = await server.link();
    const opening = NatsSubscriptions.open(link, {
      stream: "tidings",
      replicas: 1,
      maxBytes: 4 * 1024 * 1024,
      everyMs: 20,
      onLoss: ({ stream, reason }) => void this.losses.push(`${stream} ${reason}`),
      onDamage: (sequence) => void this.damaged.push(sequence),
      report: (error) => void this.reported.push(String(error)),
      ...options,
    });
    const subscriptions = await opening.catch((error) => link.close().then(() => Promise.reject(error)));
    this.#opened.push({ subscriptions, link });
    return subscriptions;
  }

  /** Runs something after the first node has decided to delete a message for the next time, and before it does. */
  beforeDeletion(run: () => Promise<unknown>): void {
    const streams = this.#opened[0]?.link.manager.streams;
    assert(streams !== undefined);
    const deleteMessage = streams.deleteMessage.bind(streams);
    streams.deleteMessage = async (...message) => {
      streams.deleteMessage = deleteMessage;
      await run();
      return await deleteMessage(...message);
    };
  }

  /** Resolves when the first node has looked at the stream once more, and has taken in what it found. */
  async looked(): Promise<void> {
    const [first] = this.#opened;
    assert(first !== undefined);
    await looked(first.link);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { subscriptions, link } of this.#opened) {
      await subscriptions.close();
      await link.close();
    }
  }
}
