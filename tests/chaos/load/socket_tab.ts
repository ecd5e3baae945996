/** A subscriber over a bare WebSocket, as a client would be that somebody wrote from the protocol. */

import { RoamingTab } from "../../end_to_end/roaming_tab.ts";
import type { Message } from "../../end_to_end/tab.ts";
import { RETRY_MS, type Subscriber, type SubscriberOptions } from "./subscriber.ts";
import { TabLog } from "./tab_log.ts";

export class SocketTab implements Subscriber {
  readonly transport = "WebSocket";
  readonly target: string;
  readonly log = new TabLog();
  readonly #options: SubscriberOptions;
  #tab: RoamingTab | undefined;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.target = options.target;
  }

  async arrive(): Promise<void> {
    const { target, port, token } = this.#options;
    const position = this.#tab?.position;
    this.#tab = new RoamingTab(target, {
      ports: () => [port],
      retryMs: RETRY_MS,
      token,
      ...position === undefined ? {} : { position },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tab.onMessage = (message) => {
      record(message, this.log);
      if (message.type === "welcome") resolve();
    };
    await promise; // for as long as a fault lasts
  }

  async leave(): Promise<void> {
    await this.#tab?.stop();
  }
}

/** Adds a message to the log of a tab. */
export function record(message: Message, log: TabLog): void {
  if (message.type === "notification") log.deliver(message);
  if (message.type === "missed" || (message.type === "welcome" && message.recovered === false)) log.tell();
}
