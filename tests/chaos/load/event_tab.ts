/** A subscriber over Server-Sent Events, which reconnects with `Last-Event-ID` as an `EventSource` does. */

import { EventReader } from "../../end_to_end/event_reader.ts";
import { bearer } from "../../http/auth/signed_token.ts";
import { record } from "./socket_tab.ts";
import { pause, RETRY_MS, type Subscriber, type SubscriberOptions } from "./subscriber.ts";
import { TabLog } from "./tab_log.ts";

export class EventTab implements Subscriber {
  readonly transport = "SSE";
  readonly target: string;
  readonly log = new TabLog();
  readonly #options: SubscriberOptions;
  #reader: EventReader | undefined;
  #lastId: string | undefined;
  #hasLeft = true;
  #running: Promise<void> = Promise.resolve();

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.target = options.target;
  }

  async arrive(): Promise<void> {
    this.#hasLeft = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running = this.#run(resolve);
    await promise;
  }

  async leave(): Promise<void> {
    this.#hasLeft = true;
    await this.#reader?.[Symbol.asyncDispose]().catch(() => {}); // the stream has failed meanwhile
    await this.#running;
  }

  async #run(onWelcome: () => void): Promise<void> {
    while (!this.#hasLeft) {
      await this.#follow(onWelcome).catch(() => {}); // it was refused or cut off, and comes again
      if (!this.#hasLeft) await pause(RETRY_MS);
    }
  }

  /** Follows one stream to its end. */
  async #follow(onWelcome: () => void): Promise<void> {
    const { port, token, target } = this.#options;
    const resume = this.#lastId === undefined ? {} : { "last-event-id": this.#lastId };
    const reader = this.#reader = await EventReader.open(port, { target }, { ...bearer(token), ...resume });
    while (!this.#hasLeft) {
      const messages = await reader.messages();
      if (messages === null) break;
      this.#lastId = reader.lastId;
      for (const message of messages) record(message, this.log);
      if (messages[0]?.type === "welcome") onWelcome();
    }
    await reader[Symbol.asyncDispose]();
  }
}
